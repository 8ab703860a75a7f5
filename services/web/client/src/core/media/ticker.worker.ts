// Told a number of milliseconds once, it answers at that pace until it is terminated.
self.onmessage = (event: MessageEvent<number>) => {
  setInterval(() => self.postMessage(null), event.data);
};

export {};
