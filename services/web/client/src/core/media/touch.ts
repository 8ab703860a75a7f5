/**
 * touchNeeded tells whether somebody has to touch the page once before it can show and play a lesson by itself:
 * the browser would ask about the devices, or would keep quiet until then.
 * A kiosk start with the right policies needs no touch.
 */
export async function touchNeeded(): Promise<boolean> {
  const states = await Promise.all([permissionOf('camera'), permissionOf('microphone')]);
  return states.includes('prompt') || !mayPlay();
}

async function permissionOf(name: 'camera' | 'microphone'): Promise<PermissionState | undefined> {
  try {
    return (await navigator.permissions.query({ name: name as PermissionName })).state;
  } catch {
    return undefined; // A browser that cannot tell will ask by itself.
  }
}

function mayPlay(): boolean {
  if (navigator.userActivation?.hasBeenActive) return true;
  if (typeof AudioContext === 'undefined') return true;
  const context = new AudioContext();
  const running = context.state === 'running';
  void context.close();
  return running;
}
