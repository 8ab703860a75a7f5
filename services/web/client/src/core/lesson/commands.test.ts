// @vitest-environment node
import { create } from '@bufbuild/protobuf';
import { createRouterTransport } from '@connectrpc/connect';
import { expect, it } from 'vitest';
import { ClassroomService } from '../../gen/tongke/classroom/v1/classroom_pb';
import { LessonStateSchema } from '../../gen/tongke/classroom/v1/event_pb';
import { createApi } from '../api';
import { Commands } from './commands';

/** Commands to a server whose answers wait until the test lets them go. */
function commandsWithSlowAnswers() {
  let answer: (message: { ordinal: bigint }) => void = () => undefined;
  const answered = new Promise<{ ordinal: bigint }>((resolve) => {
    answer = resolve;
  });
  const transport = createRouterTransport(({ service }) => service(ClassroomService, { raiseHand: () => answered }));
  return { commands: new Commands(createApi(transport), 'lsn_1'), answer };
}

const stateAt = (ordinal: bigint) => create(LessonStateSchema, { ordinal });

it('a press whose event came before its answer is over with the answer', async () => {
  const { commands, answer } = commandsWithSlowAnswers();
  const sent = commands.raiseHand('rom_one');
  commands.reached(stateAt(7n));
  expect(commands.isSending('raiseHand')).toBe(true);
  answer({ ordinal: 7n });
  await sent;
  expect(commands.isSending('raiseHand')).toBe(false);
});

it('a press whose answer came first is over with its event', async () => {
  const { commands, answer } = commandsWithSlowAnswers();
  const sent = commands.raiseHand('rom_one');
  answer({ ordinal: 7n });
  await sent;
  commands.reached(stateAt(6n));
  expect(commands.isSending('raiseHand')).toBe(true);
  commands.reached(stateAt(7n));
  expect(commands.isSending('raiseHand')).toBe(false);
});
