import { fireEvent, screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { Role } from '../gen/tongke/common/v1/rule_pb';
import { FakeSchool, lessonId } from './testing/fakeSchool';
import { openPage } from './testing/openPage';

describe('TeacherPage', () => {
  it('offers the next lesson in large and leads into it', async () => {
    const { router } = openPage(new FakeSchool(), '/teacher');
    const next = await screen.findByTestId('next-lesson');
    expect(next.textContent).toContain('认识分数');
    fireEvent.click(screen.getByTestId('enter-lesson'));
    await waitFor(() => expect(router.state.location.pathname).toBe(`/lesson/${lessonId}`));
    await screen.findByTestId('waiting');
  });

  it('shows the campus’s time to a teacher whose computer has another, and says so', async () => {
    const school = new FakeSchool();
    school.now = Date.parse('2026-11-23T09:05:00+08:00');
    openPage(school, '/teacher');
    const next = await screen.findByTestId('next-lesson');
    expect(next.textContent).toContain('09:05–09:45');
    expect(screen.getByTestId('server-time').textContent).toBe('中国标准时间 09:05');
  });

  it('says that a lesson is live, also when another device started it', async () => {
    const school = new FakeSchool();
    school.start();
    openPage(school, '/teacher');
    expect((await screen.findByTestId('lesson')).dataset.standing).toBe('live');
  });

  it('turns away who may not teach, with a way to the own page', async () => {
    const school = new FakeSchool();
    school.person.roles = [Role.OPERATOR];
    openPage(school, '/teacher');
    await screen.findByText('您没有进行这项操作的权限。');
    expect(screen.getByRole('link').getAttribute('href')).toBe('/operator');
  });

  it('changes its language at once and remembers it', async () => {
    openPage(new FakeSchool(), '/teacher');
    await screen.findByTestId('next-lesson');
    fireEvent.click(screen.getByText('English'));
    await screen.findByText('Enter the lesson');
    expect(document.documentElement.lang).toBe('en');
    expect(localStorage.getItem('tongke.language')).toBe('en');
    fireEvent.click(screen.getByText('中文'));
    await screen.findByText('进入课堂', { selector: '[data-testid="enter-lesson"] *' });
  });
});
