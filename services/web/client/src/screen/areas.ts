/** The texts that the classroom's screen shows. */
import * as common from '../i18n/common';
import * as faults from '../i18n/faults';
import * as screen from '../i18n/screen';

export const screenAreas = { common, faults, screen };
