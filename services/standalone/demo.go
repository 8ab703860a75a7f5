package standalone

import (
	"time"

	commonv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/common/v1"
	directoryv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/directory/v1"
	schedulingv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/scheduling/v1"
	"github.com/tongke-edu/tongke/services/scheduling"
)

// demoPassword is that of all demo accounts; demoHash is its hash (scheduling.HashPassword), checked by a test.
const (
	demoPassword = "tongke-demo"
	demoHash     = "$argon2id$v=19$m=19456,t=2,p=1$sf5pvabJcorYjo9Eykwpvw$m2RlpjG4WmcqhCzlY1Sw81x4/hV3A7kktLJvxKs3BuY"
)

// demoPerson begins the ids of the accounts; the login follows.
const demoPerson = "psn_demo_"

// demoZone is where the demo schools are.
const demoZone = "Asia/Shanghai"

// demo is the schools that really teach together: three schools in Beijing and their branches in Xiong'an. Accounts
// are named by role; no person is invented. Lessons are planned relative to now: the first starts in two minutes.
func demo(now time.Time) scheduling.Seed {
	campus := func(id, name string, level directoryv1.SchoolLevel) scheduling.SeedCampus {
		return scheduling.SeedCampus{ID: id, Name: name, Level: level, TimeZone: demoZone}
	}
	person := func(login, name, campus string, role commonv1.Role) scheduling.SeedPerson {
		return scheduling.SeedPerson{
			ID: demoPerson + login, Login: login, Name: name, CampusID: campus,
			Roles: []commonv1.Role{role}, PasswordHash: demoHash,
		}
	}
	start := now.Truncate(time.Second).Add(2 * time.Minute)
	lesson := func(key, title, teacher string, kind schedulingv1.LessonKind, in time.Duration, length time.Duration, classrooms ...string) scheduling.SeedLesson {
		return scheduling.SeedLesson{
			Key: key, Kind: kind, Title: title, TeacherID: demoPerson + teacher, ClassroomIDs: classrooms,
			StartsAt: start.Add(in), EndsAt: start.Add(in + length),
		}
	}
	return scheduling.Seed{
		Campuses: []scheduling.SeedCampus{
			campus("cmp_demo_sizhong", "北京四中", directoryv1.SchoolLevel_SCHOOL_LEVEL_SENIOR),
			campus("cmp_demo_sizhong_xa", "雄安北京四中", directoryv1.SchoolLevel_SCHOOL_LEVEL_SENIOR),
			campus("cmp_demo_shijia", "史家胡同小学", directoryv1.SchoolLevel_SCHOOL_LEVEL_PRIMARY),
			campus("cmp_demo_shijia_xa", "雄安史家胡同小学", directoryv1.SchoolLevel_SCHOOL_LEVEL_PRIMARY),
			campus("cmp_demo_beihai", "北海幼儿园", directoryv1.SchoolLevel_SCHOOL_LEVEL_KINDERGARTEN),
			campus("cmp_demo_beihai_xa", "雄安北海幼儿园", directoryv1.SchoolLevel_SCHOOL_LEVEL_KINDERGARTEN),
		},
		Classrooms: []scheduling.SeedClassroom{
			{ID: "rom_demo_sizhong_1", CampusID: "cmp_demo_sizhong_xa", Name: "高一（1）班"},
			{ID: "rom_demo_sizhong_2", CampusID: "cmp_demo_sizhong_xa", Name: "高一（2）班"},
			{ID: "rom_demo_sizhong_3", CampusID: "cmp_demo_sizhong_xa", Name: "高一（3）班"},
			{ID: "rom_demo_sizhong_4", CampusID: "cmp_demo_sizhong_xa", Name: "高一（4）班"},
			{ID: "rom_demo_sizhong_5", CampusID: "cmp_demo_sizhong_xa", Name: "录播教室"},
			{ID: "rom_demo_shijia_1", CampusID: "cmp_demo_shijia_xa", Name: "三（1）班"},
			{ID: "rom_demo_shijia_2", CampusID: "cmp_demo_shijia_xa", Name: "三（2）班"},
			{ID: "rom_demo_beihai_1", CampusID: "cmp_demo_beihai_xa", Name: "大（1）班"},
		},
		People: []scheduling.SeedPerson{
			person("teacher", "主讲教师（四中）", "cmp_demo_sizhong", commonv1.Role_ROLE_TEACHER),
			person("teacher-primary", "主讲教师（史家）", "cmp_demo_shijia", commonv1.Role_ROLE_TEACHER),
			person("teacher-kindergarten", "主讲教师（北海）", "cmp_demo_beihai", commonv1.Role_ROLE_TEACHER),
			person("assistant", "助教（雄安四中）", "cmp_demo_sizhong_xa", commonv1.Role_ROLE_ASSISTANT),
			person("assistant-primary", "助教（雄安史家）", "cmp_demo_shijia_xa", commonv1.Role_ROLE_ASSISTANT),
			person("assistant-kindergarten", "助教（雄安北海）", "cmp_demo_beihai_xa", commonv1.Role_ROLE_ASSISTANT),
			person("observer", "听课教师（四中）", "cmp_demo_sizhong", commonv1.Role_ROLE_OBSERVER),
			person("scheduler", "教务", "cmp_demo_sizhong", commonv1.Role_ROLE_SCHEDULER),
			person("operator", "运维", "cmp_demo_sizhong", commonv1.Role_ROLE_OPERATOR),
			person("admin", "管理员", "cmp_demo_sizhong", commonv1.Role_ROLE_ADMINISTRATOR),
		},
		Pairings: []scheduling.SeedPairing{
			{ID: "pai_demo_sizhong", LeadCampusID: "cmp_demo_sizhong", BranchCampusID: "cmp_demo_sizhong_xa"},
			{ID: "pai_demo_shijia", LeadCampusID: "cmp_demo_shijia", BranchCampusID: "cmp_demo_shijia_xa"},
			{ID: "pai_demo_beihai", LeadCampusID: "cmp_demo_beihai", BranchCampusID: "cmp_demo_beihai_xa"},
		},
		Lessons: []scheduling.SeedLesson{
			lesson("chinese", "语文·荷塘月色", "teacher", schedulingv1.LessonKind_LESSON_KIND_DUAL_TEACHER_CLASS, 0, 40*time.Minute, "rom_demo_sizhong_1", "rom_demo_sizhong_2"),
			lesson("physics", "物理·自由落体", "teacher", schedulingv1.LessonKind_LESSON_KIND_OPEN_LESSON, 90*time.Minute, 45*time.Minute, "rom_demo_sizhong_1", "rom_demo_sizhong_2", "rom_demo_sizhong_5"),
			lesson("mathematics", "数学·两位数乘法", "teacher-primary", schedulingv1.LessonKind_LESSON_KIND_DELIVERED_CLASS, 30*time.Minute, 40*time.Minute, "rom_demo_shijia_1", "rom_demo_shijia_2"),
			lesson("picture-book", "绘本·猜猜我有多爱你", "teacher-kindergarten", schedulingv1.LessonKind_LESSON_KIND_DUAL_TEACHER_CLASS, 60*time.Minute, 25*time.Minute, "rom_demo_beihai_1"),
		},
	}
}
