import { Banners } from './Banners';
import { ControlBar } from './ControlBar';
import styles from './LiveRoom.module.css';
import { useRoom } from './room';
import { SidePanel } from './SidePanel';
import { Stage } from './Stage';
import { Tiles } from './Tiles';
import { TopBar } from './TopBar';

/** The lesson while it is live: everything in sight at 1366×768, nothing to scroll. */
export function LiveRoom() {
  const { listener } = useRoom();
  return (
    <div className={styles.room} data-testid="live">
      <TopBar />
      <Banners />
      <main className={styles.main}>
        <Stage />
        <Tiles />
      </main>
      <SidePanel />
      {!listener && (
        <div className={styles.controls}>
          <ControlBar />
        </div>
      )}
    </div>
  );
}
