import { App, ConfigProvider } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import './base.css';
import { colours } from './colours';

/** Calm colours, system fonts and Ant Design in the page's language, for every page but the classroom screen. */
export function Theme({ children }: { children: ReactNode }) {
  const { i18n } = useTranslation();
  const english = i18n.language === 'en';
  return (
    <ConfigProvider
      locale={english ? enUS : zhCN}
      button={{ autoInsertSpace: false }}
      theme={{
        token: {
          colorPrimary: colours.primary,
          colorInfo: colours.primary,
          colorSuccess: colours.good,
          colorWarning: colours.watch,
          colorError: colours.fault,
          // What Ant Design derives from dark colours is grey.
          colorPrimaryBg: colours.primarySoft,
          colorInfoBg: colours.primarySoft,
          colorSuccessBg: colours.goodSoft,
          colorWarningBg: colours.watchSoft,
          colorErrorBg: colours.faultSoft,
          colorLink: colours.primary,
          colorText: colours.ink,
          colorTextSecondary: colours.quiet,
          colorBgLayout: colours.paper,
          borderRadius: 8,
          fontSize: 15,
          fontFamily: '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", system-ui, sans-serif',
          controlOutlineWidth: 3,
          motion: !globalThis.matchMedia?.('(prefers-reduced-motion: reduce)').matches,
        },
        components: { Button: { primaryShadow: 'none', defaultShadow: 'none', dangerShadow: 'none' } },
      }}
    >
      <App>{children}</App>
    </ConfigProvider>
  );
}
