import { describe, expect, it } from 'vitest';
import { Finding } from '../gen/tongke/classroom/v1/health_pb';
import { Reason } from '../gen/tongke/common/v1/fault_pb';
import { everyArea } from './everyArea';
import { resourcesOf } from './resources';

const resources = resourcesOf(everyArea);

const languages = Object.keys(resources) as (keyof typeof resources)[];

function namesOf(enumeration: Record<string, string | number>): string[] {
  return Object.keys(enumeration).filter((name) => Number.isNaN(Number(name)) && name !== 'UNSPECIFIED');
}

function placeholders(text: string): string[] {
  return [...text.matchAll(/{{(\w+)}}/g)].map((match) => match[1] ?? '').sort();
}

describe('texts', () => {
  it.each(languages)('%s has a sentence for every reason of common.v1', (language) => {
    const texts: Record<string, string> = resources[language].faults;
    expect(namesOf(Reason).filter((name) => !texts[name])).toEqual([]);
    expect(Object.keys(texts).sort()).toEqual(namesOf(Reason).sort());
  });

  it.each(languages)('%s has a word and a next action for every finding of an operator', (language) => {
    const texts: Record<string, string> = resources[language].operator;
    expect(namesOf(Finding).filter((name) => !texts[`finding_${name}`] || !texts[`action_${name}`])).toEqual([]);
  });

  it('English fills the same places as Chinese', () => {
    for (const [area, chinese] of Object.entries(resources['zh-CN'])) {
      const english: Record<string, string> = resources.en[area as keyof typeof resources.en];
      for (const [key, text] of Object.entries(chinese)) {
        expect([area, key, placeholders(english[key] ?? '')]).toEqual([area, key, placeholders(text)]);
      }
    }
  });

  it('Chinese texts have no English left in them', () => {
    const allowed =
      /https?|\/screen|UDP|TCP|VPN|ABCD|WHIP|WHEP|OBS|GStreamer|Bearer Token|Ctrl|Profile|baseline|{{\w+}}/g;
    for (const [area, texts] of Object.entries(resources['zh-CN'])) {
      for (const [key, text] of Object.entries(texts)) {
        expect([area, key, text.replace(allowed, '').match(/[A-Za-z]{3,}/)]).toEqual([area, key, null]);
      }
    }
  });
});
