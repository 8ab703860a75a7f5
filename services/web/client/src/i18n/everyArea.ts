/** All texts: for the app of the people's pages, and for tests. */
import * as admin from './admin';
import * as assistant from './assistant';
import * as common from './common';
import * as external from './external';
import * as faults from './faults';
import * as lesson from './lesson';
import * as login from './login';
import * as operator from './operator';
import * as scheduler from './scheduler';
import * as screen from './screen';
import * as teacher from './teacher';

export const everyArea = {
  admin,
  assistant,
  common,
  external,
  faults,
  lesson,
  login,
  operator,
  scheduler,
  screen,
  teacher,
};
