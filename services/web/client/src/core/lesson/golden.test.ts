// @vitest-environment node
// The classroom service writes these files: events as somebody receives them, and the state they lead to there.
// See services/classroom/internal/codec/golden_test.go, which also says how to write them anew.
import { readdirSync, readFileSync } from 'node:fs';
import { fromJson, type JsonValue, toJson } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { LessonEventSchema, LessonStateSchema } from '../../gen/tongke/classroom/v1/event_pb';
import { apply, emptyState } from './state';

const files = new URL('../../../../../classroom/internal/codec/testdata/lessons/', import.meta.url);

interface Golden {
  readonly events: readonly JsonValue[];
  readonly state: JsonValue;
}

const read = (name: string) => JSON.parse(readFileSync(new URL(name, files), 'utf8')) as Golden;
const names = readdirSync(files).filter((name) => name.endsWith('.json'));

describe('apply and the classroom service', () => {
  it.each(names)('come to the same state: %s', (name) => {
    const { events, state } = read(name);
    const reached = events.map((event) => fromJson(LessonEventSchema, event)).reduce(apply, emptyState());
    expect(toJson(LessonStateSchema, reached)).toEqual(toJson(LessonStateSchema, fromJson(LessonStateSchema, state)));
  });

  it('meet every kind of event in these files', () => {
    const kinds = names.flatMap((name) =>
      read(name).events.map((event) => fromJson(LessonEventSchema, event).kind.case as string),
    );
    const known = LessonEventSchema.oneofs.flatMap(({ fields }) => fields.map(({ localName }) => localName));
    expect([...new Set(kinds)].sort()).toEqual(known.sort());
  });
});
