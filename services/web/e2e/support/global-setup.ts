import { makeMedia } from './media';

/** Makes the cameras and microphones of all journeys once. */
export default function globalSetup(): void {
  makeMedia();
}
