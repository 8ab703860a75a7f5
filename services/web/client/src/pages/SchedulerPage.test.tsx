import { Code } from '@connectrpc/connect';
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { faultError } from '../core/testing/fakeLesson';
import { Reason } from '../gen/tongke/common/v1/fault_pb';
import { Role } from '../gen/tongke/common/v1/rule_pb';
import { FakeSchool } from './testing/fakeSchool';
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

  it('books the lesson once, in the reader’s time zone, and closes the form', async () => {
    const school = await desk();
    await fillIn();
    fireEvent.click(screen.getByTestId('lesson-create'));
    await waitFor(() => expect(screen.queryByTestId('lesson-create')).toBeNull());
    const starts = BigInt(new Date('2099-03-02T09:05').getTime() / 1_000);
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
