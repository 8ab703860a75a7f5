import { create } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { Code } from '@connectrpc/connect';
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { faultError } from '../core/testing/fakeLesson';
import { Zone } from '../core/zone';
import { Reason } from '../gen/tongke/common/v1/fault_pb';
import { Role } from '../gen/tongke/common/v1/rule_pb';
import { PersonSchema } from '../gen/tongke/directory/v1/directory_pb';
import { FakeSchool, teacher } from './testing/fakeSchool';
import { openPage } from './testing/openPage';

async function desk(): Promise<FakeSchool> {
  const school = new FakeSchool();
  school.person.roles = [Role.SCHEDULER];
  openPage(school, '/scheduler');
  await screen.findByTestId('new-lesson');
  return school;
}

function choose(testId: string, option: string): void {
  const select = screen.getByTestId(testId);
  fireEvent.mouseDown(select.querySelector('.ant-select-content, .ant-select-selector') ?? select);
  const options = screen.getAllByText(option).filter((one) => one.closest('.ant-select-item-option'));
  fireEvent.click(options.at(-1) as HTMLElement);
}

async function fillIn(): Promise<void> {
  fireEvent.click(screen.getByTestId('new-lesson'));
  fireEvent.change(await screen.findByTestId('lesson-title'), { target: { value: '认识分数' } });
  choose('lesson-teacher', '主讲教师');
  choose('lesson-classrooms', '三年级一班 · 雄安校区');
  fireEvent.change(screen.getByTestId('lesson-date'), { target: { value: '2099-03-02' } });
  fireEvent.change(screen.getByTestId('lesson-start'), { target: { value: '09:05' } });
}

describe('SchedulerPage', () => {
  it('shows a double booking of a classroom next to the classrooms, with names', async () => {
    const school = await desk();
    const metadata = { classroom_id: 'rom_1', lesson_title: '古诗两首' };
    school.failures.set('createLesson', faultError(Code.AlreadyExists, Reason.CLASSROOM_BOOKED, metadata));
    await fillIn();
    fireEvent.click(screen.getByTestId('lesson-create'));
    const said = await screen.findByText('三年级一班在这个时间已有课：古诗两首。请换一个时间或教室。');
    const field = said.closest('.ant-form-item') as HTMLElement;
    expect(within(field).getByTestId('lesson-classrooms')).toBeTruthy();
  });

  it('books the lesson once, at the campus’s time, and closes the form', async () => {
    const school = await desk();
    await fillIn();
    fireEvent.click(screen.getByTestId('lesson-create'));
    await waitFor(() => expect(screen.queryByTestId('lesson-create')).toBeNull());
    const starts = BigInt(Date.parse('2099-03-02T09:05+08:00') / 1_000);
    expect(school.called('createLesson')).toMatchObject([
      {
        title: '认识分数',
        teacherId: 'psn_t',
        classroomIds: ['rom_1'],
        startsAt: { seconds: starts },
        endsAt: { seconds: starts + 2_400n },
      },
    ]);
  });

  it('says whose time is typed where this computer or the teacher’s campus has another', async () => {
    const school = new FakeSchool();
    school.person.roles = [Role.SCHEDULER];
    school.teachers = [create(PersonSchema, { ...teacher, campusName: '喀什校区', timeZone: 'Asia/Urumqi' })];
    openPage(school, '/scheduler');
    fireEvent.click(await screen.findByTestId('new-lesson'));
    expect((await screen.findByTestId('zone-hint')).textContent).toBe('时间以中国标准时间为准。');
    choose('lesson-teacher', '主讲教师 · 喀什校区');
    fireEvent.change(screen.getByTestId('lesson-date'), { target: { value: '2099-03-02' } });
    fireEvent.change(screen.getByTestId('lesson-start'), { target: { value: '09:05' } });
    await screen.findByText('时间以中国标准时间为准。 届时喀什校区当地为 07:05。');
    fireEvent.change(screen.getByTestId('lesson-start'), { target: { value: '01:05' } });
    await screen.findByText('时间以中国标准时间为准。 届时喀什校区当地为 2099-03-01 23:05。');
  });

  it('lists the day of the campus, and the days around it', async () => {
    const school = await desk();
    const date = new Zone('Asia/Shanghai').date(school.now);
    const midnight = Date.parse(`${date}T00:00+08:00`);
    const asked = () => school.called('listLessons').at(-1);
    const of = (ms: number) => ({ from: timestampFromMs(ms), to: timestampFromMs(ms + 86_400_000) });
    expect(screen.getByTestId<HTMLInputElement>('day').value).toBe(date);
    expect(asked()).toMatchObject(of(midnight));
    fireEvent.click(screen.getByRole('button', { name: '后一天' }));
    await waitFor(() => expect(asked()).toMatchObject(of(midnight + 86_400_000)));
  });

  it('refuses what is missing without calling the server', async () => {
    const school = await desk();
    fireEvent.click(screen.getByTestId('new-lesson'));
    fireEvent.click(await screen.findByTestId('lesson-create'));
    await screen.findByText('请填写课名');
    await screen.findByText('请至少选择一间教室');
    expect(school.called('createLesson')).toEqual([]);
  });

  it('says at the code that it is unknown, and keeps what was typed', async () => {
    const school = await desk();
    school.failures.set('claimPairingCode', faultError(Code.NotFound, Reason.PAIRING_CODE_UNKNOWN));
    fireEvent.click(screen.getByTestId('tab-screens'));
    fireEvent.change(await screen.findByTestId('pairing-code'), { target: { value: 'ab3k7q' } });
    choose('pairing-classroom', '三年级二班 · 雄安校区');
    fireEvent.click(screen.getByTestId('pair'));
    await screen.findByText('配对码不正确，请核对教室屏幕上的六位配对码。');
    expect(screen.getByTestId<HTMLInputElement>('pairing-code').value).toBe('AB3K7Q');
    fireEvent.click(screen.getByTestId('pair'));
    await screen.findByTestId('paired');
  });
});
