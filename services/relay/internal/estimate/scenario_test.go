package estimate

import (
	"fmt"
	"math"
	"testing"
	"time"
)

const (
	mega = 1_000_000
	// fallsWithin is how soon the budget must be below a rate that has fallen.
	fallsWithin = 600 * time.Millisecond
)

// home is a good link from one campus to another.
var home = condition{delay: 30 * time.Millisecond, jitter: 5 * time.Millisecond}

func with(c condition, changes ...func(*condition)) condition {
	for _, change := range changes {
		change(&c)
	}
	return c
}

func rate(bits float64) func(*condition)    { return func(c *condition) { c.rate = bits } }
func loss(share float64) func(*condition)   { return func(c *condition) { c.loss = share } }
func burst(share float64) func(*condition)  { return func(c *condition) { c.burst = share } }
func content(bits float64) func(*condition) { return func(c *condition) { c.content = bits } }
func cross(bits float64) func(*condition)   { return func(c *condition) { c.cross = bits } }
func buffer(octets int) func(*condition)    { return func(c *condition) { c.buffer = octets } }
func delay(d time.Duration) func(*condition) {
	return func(c *condition) { c.delay = d }
}
func jitter(d time.Duration) func(*condition) {
	return func(c *condition) { c.jitter = d }
}
func every(d time.Duration) func(*condition) {
	return func(c *condition) { c.every = d }
}
func back(share float64) func(*condition) { return func(c *condition) { c.back = share } }
func down(c *condition)                   { c.down = true }
func greedy(c *condition)                 { c.greedy = true }
func layers(c *condition)                 { c.layers = []float64{.15 * mega, .5 * mega, 1.5 * mega} }

// phase is a part of a scenario, and what must be true of it.
type phase struct {
	name string
	condition
	lasts, settle time.Duration // figures are of what comes after settle
	want          float64       // what the caller would send; 0 is 4 Mbit/s, negative is unsaid

	least, most float64       // mean rate that arrives
	budget      float64       // never more, 0 is no bound
	wait        time.Duration // 95 of 100 packets wait less, 0 is no bound
	under       time.Duration // until less than the rate is sent for good, 0 is no bound
	reach       float64       // rate that must arrive
	within      time.Duration // within this time
}

// outcome is what came of a phase.
type outcome struct {
	mean, highest      float64
	fell, under, reach time.Duration // when the budget was below the rate, what was sent, when the goal was reached
}

func (n *network) play(p phase) outcome {
	n.condition = p.condition
	want := p.want
	if want == 0 {
		want = 4 * mega
	}
	n.sender.want = want
	began := n.now
	o := outcome{fell: -1, under: -1, reach: -1}
	settled := false
	n.reset()
	n.run(p.lasts, func() {
		since := n.now.Sub(began)
		if !settled && since >= p.settle {
			settled = true
			n.reset()
		}
		if o.fell < 0 && float64(n.budget) < n.rate-n.cross {
			o.fell = since
		}
		if o.under < 0 && o.fell >= 0 && n.offering() < n.rate-n.cross {
			o.under = since
		}
		if settled {
			o.highest = max(o.highest, float64(n.budget))
		}
		if o.reach < 0 && p.reach > 0 && n.goodput() >= p.reach {
			o.reach = since
		}
	})
	o.mean = float64(n.arrived) * 8 / (p.lasts - p.settle).Seconds()
	return o
}

func (n *network) check(t *testing.T, p phase, o outcome) {
	t.Helper()
	if o.mean < p.least || p.most > 0 && o.mean > p.most {
		t.Errorf("%s: %.0f bit/s arrive on average, want %.0f to %.0f", p.name, o.mean, p.least, p.most)
	}
	if p.budget > 0 && o.highest > p.budget {
		t.Errorf("%s: the budget reached %.0f, more than %.0f", p.name, o.highest, p.budget)
	}
	if p.wait > 0 && n.wait(95) > p.wait {
		t.Errorf("%s: packets wait %v, more than %v", p.name, n.wait(95), p.wait)
	}
	if p.under > 0 && (o.under < 0 || o.under > p.under || p.cross == 0 && o.fell > fallsWithin) {
		t.Errorf("%s: the budget fell after %v, and less than the rate was sent after %v, not %v", p.name, o.fell, o.under, p.under)
	}
	if p.within > 0 && (o.reach < 0 || o.reach > p.within) {
		t.Errorf("%s: %.0f bit/s after %v, not within %v", p.name, p.reach, o.reach, p.within)
	}
}

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }

// scenarios hold the claims of the estimator, link by link.
var scenarios = []struct {
	claim  string
	start  int
	phases []phase
}{
	{"a cap comes and goes", 2 * mega, []phase{
		{name: "3 Mbit/s", condition: with(home, rate(3*mega)), lasts: seconds(30), settle: seconds(10), least: 2.4 * mega, wait: 150 * time.Millisecond},
		{name: "0.5 Mbit/s", condition: with(home, rate(.5*mega)), lasts: seconds(30), settle: seconds(5), least: .38 * mega, wait: 150 * time.Millisecond, under: seconds(2)},
		{name: "3 Mbit/s again", condition: with(home, rate(3*mega)), lasts: seconds(60), settle: seconds(15), least: 2.4 * mega, wait: 150 * time.Millisecond, reach: 2.4 * mega, within: seconds(15)},
	}},
	{"a long cap with a short buffer", 2 * mega, []phase{
		{name: "3 Mbit/s, 40 kB", condition: with(home, rate(3*mega), buffer(40_000)), lasts: seconds(20), settle: seconds(10), least: 2.3 * mega},
		{name: "0.5 Mbit/s, 10 kB", condition: with(home, rate(.5*mega), buffer(10_000)), lasts: seconds(60), settle: seconds(10), least: .36 * mega, under: seconds(2)},
		{name: "3 Mbit/s again", condition: with(home, rate(3*mega), buffer(40_000)), lasts: seconds(30), settle: seconds(15), least: 2.3 * mega, reach: 2.4 * mega, within: seconds(15)},
	}},
	{"a receiver that tells every 250 ms", 2 * mega, []phase{
		{name: "3 Mbit/s", condition: with(home, rate(3*mega), every(seconds(.25))), lasts: seconds(30), settle: seconds(10), least: 2.3 * mega},
		{name: "0.5 Mbit/s", condition: with(home, rate(.5*mega), every(seconds(.25))), lasts: seconds(60), settle: seconds(5), least: .35 * mega, wait: 150 * time.Millisecond, under: seconds(2)},
		{name: "3 Mbit/s again", condition: with(home, rate(3*mega), every(seconds(.25))), lasts: seconds(30), settle: seconds(15), least: 2.3 * mega, reach: 2.3 * mega, within: seconds(15)},
	}},
	{"a policer: loss and never a queue", 2 * mega, []phase{
		{name: "1 Mbit/s, 6 kB", condition: with(home, rate(mega), buffer(6000)), lasts: seconds(60), settle: seconds(10), least: .7 * mega},
	}},
	{"random loss is no congestion", 3 * mega, []phase{
		{name: "2 %", condition: with(home, loss(.02)), lasts: seconds(190), settle: seconds(10), least: 3.5 * mega},
		{name: "5 %", condition: with(home, loss(.05)), lasts: seconds(70), settle: seconds(10), least: 3.4 * mega},
		{name: "5 % in bursts of 8", condition: with(home, burst(.0065)), lasts: seconds(70), settle: seconds(10), least: 2.4 * mega},
		{name: "20 %", condition: with(home, loss(.2)), lasts: seconds(70), settle: seconds(10), least: 1.6 * mega},
		{name: "none again", condition: home, lasts: seconds(60), settle: seconds(15), least: 3.6 * mega},
	}},
	{"random loss on a link that is full", 2 * mega, []phase{
		{name: "5 % at 2 Mbit/s", condition: with(home, rate(2*mega), loss(.05)), lasts: seconds(60), settle: seconds(10), least: 1.4 * mega, wait: 150 * time.Millisecond},
		{name: "20 % at 2 Mbit/s", condition: with(home, rate(2*mega), loss(.2)), lasts: seconds(60), settle: seconds(10), least: .8 * mega, wait: 200 * time.Millisecond},
	}},
	{"an application with little to send", mega / 2, []phase{
		{name: "0.3 Mbit/s, wish unsaid", condition: with(home, content(.3*mega)), want: -1, lasts: seconds(130), settle: seconds(5), least: .3 * mega, budget: .58 * mega},
		{name: "0.3 Mbit/s, 0.3 wanted", condition: with(home, content(.3*mega)), want: .34 * mega, lasts: seconds(60), settle: seconds(5), budget: .58 * mega},
		{name: "much to send again", condition: home, lasts: seconds(30), settle: seconds(10), least: 3.6 * mega, reach: 3.2 * mega, within: seconds(8)},
		{name: "a still picture", condition: with(home, content(.05*mega)), lasts: seconds(60), settle: seconds(10)},
		{name: "and it moves", condition: home, lasts: seconds(10), settle: seconds(1), least: 3.6 * mega},
	}},
	{"delays that are not congestion", 3 * mega, []phase{
		{name: "jitter of 40 ms", condition: with(home, jitter(40*time.Millisecond)), lasts: seconds(60), settle: seconds(10), least: 3.2 * mega},
		{name: "80 ms longer", condition: with(home, delay(110*time.Millisecond)), lasts: seconds(60), settle: seconds(10), least: 3 * mega},
		{name: "30 ms longer", condition: with(home, delay(140*time.Millisecond)), lasts: seconds(60), settle: seconds(15), least: 3 * mega},
		{name: "short again", condition: home, lasts: seconds(60), settle: seconds(5), least: 3.5 * mega},
		{name: "a third of feedback lost", condition: with(home, back(.33)), lasts: seconds(60), settle: seconds(5), least: 3.3 * mega},
	}},
	{"others on the link", 2 * mega, []phase{
		{name: "alone at 3 Mbit/s", condition: with(home, rate(3*mega)), lasts: seconds(20), settle: seconds(10), least: 2.3 * mega},
		{name: "1.5 of 3 Mbit/s taken", condition: with(home, rate(3*mega), cross(1.5*mega)), lasts: seconds(60), settle: seconds(5), least: .9 * mega, wait: 250 * time.Millisecond, under: seconds(7)},
		{name: "alone again", condition: with(home, rate(3*mega)), lasts: seconds(40), settle: seconds(15), least: 2.3 * mega},
	}},
	{"a greedy sender on the link", 2 * mega, []phase{
		{name: "alone at 3 Mbit/s", condition: with(home, rate(3*mega), buffer(60_000)), lasts: seconds(20), settle: seconds(10), least: 2.3 * mega},
		{name: "both", condition: with(home, rate(3*mega), buffer(60_000), greedy), lasts: seconds(120), settle: seconds(5), least: .3 * mega},
		{name: "alone again", condition: with(home, rate(3*mega), buffer(60_000)), lasts: seconds(40), settle: seconds(15), least: 2.3 * mega},
	}},
	{"three layers to choose from", 2 * mega, []phase{
		{name: "3 Mbit/s", condition: with(home, rate(3*mega), layers), lasts: seconds(30), settle: seconds(10), least: 1.5 * mega},
		{name: "0.8 Mbit/s", condition: with(home, rate(.8*mega), layers), lasts: seconds(60), settle: seconds(5), least: .5 * mega, under: seconds(2), wait: 150 * time.Millisecond},
		{name: "3 Mbit/s again", condition: with(home, rate(3*mega), layers), lasts: seconds(60), settle: seconds(15), least: 1.5 * mega, reach: 1.4 * mega, within: seconds(15)},
		{name: "3 Mbit/s and 5 % lost", condition: with(home, rate(3*mega), layers, loss(.05)), lasts: seconds(60), settle: seconds(5), least: 1.45 * mega},
	}},
	{"a link that dies and returns", 2 * mega, []phase{
		{name: "alive", condition: with(home, rate(3*mega)), lasts: seconds(10), settle: seconds(5)},
		{name: "dead", condition: with(home, rate(3*mega), down), lasts: seconds(10), settle: seconds(4), budget: .15 * mega},
		{name: "alive again", condition: with(home, rate(3*mega)), lasts: seconds(20), settle: seconds(5), least: 2.2 * mega, reach: 2.2 * mega, within: seconds(5)},
	}},
}

func TestSender_OnSimulatedLinks(t *testing.T) {
	table := fmt.Sprintf("%-36s %-26s %8s %8s %6s %6s %6s %6s %6s  %s\n", "scenario", "phase", "arrives", "budget", "wait", "fell", "under", "reach", "lost", "decisions")
	began := time.Now()
	var simulated time.Duration
	for _, s := range scenarios {
		t.Run(s.claim, func(t *testing.T) {
			n := newNetwork(condition{}, Options{Start: s.start})
			for _, p := range s.phases {
				o := n.play(p)
				n.check(t, p, o)
				simulated += p.lasts
				table += fmt.Sprintf("%-36s %-26s %8.0f %8.0f %6d %6s %6s %6s %5.1f%%  %s\n", s.claim, p.name, o.mean/1000, o.highest/1000,
					n.wait(95).Milliseconds(), figure(p.under > 0, o.fell), figure(p.under > 0, o.under), figure(p.reach > 0, o.reach), 100*float64(n.lost)/math.Max(float64(n.sent), 1), n.decisions())
			}
		})
	}
	t.Logf("%v simulated in %v; kbit/s, wait of 95 %% of the packets in ms, seconds until the budget fell, less was sent, the goal was reached\n%s", simulated, time.Since(began).Round(time.Millisecond), table)
}

func figure(known bool, d time.Duration) string {
	if !known {
		return "-"
	}
	return fmt.Sprintf("%.2f", d.Seconds())
}

// decisions is what the sender decided how often.
func (n *network) decisions() (text string) {
	for cause := Start; cause <= Reports; cause++ {
		if n.causes[cause] > 0 {
			text += fmt.Sprintf("%s %d, ", cause, n.causes[cause])
		}
	}
	if n.switches > 0 {
		text += fmt.Sprintf("layer switches %d", n.switches)
	}
	return text
}
