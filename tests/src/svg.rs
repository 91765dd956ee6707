//! A path as a picture: a sequence diagram in two halves, the model's line on the left and the system's on the right, with a mark a step
//! from each. The same rows give the same bytes. It replays nothing and judges nothing.

mod canvas;
mod lines;
mod plan;
mod style;

use model::scope::Scope;

use crate::explore::sides::{Row, Verdict};
use crate::lines::Line;
use canvas::{Anchor, Canvas, Point};
use plan::Plan;

/// The names of the lifelines stand again above every so many steps.
const ROWS_A_HEAD: usize = 8;
const TITLE_HEIGHT: i32 = 30;
const HEAD_HEIGHT: i32 = 34;
const ROW_TITLE_HEIGHT: i32 = 26;
const ROW_FOOT_HEIGHT: i32 = 12;

/// The picture of a path on both sides, as one `svg` element. Each step has `<g class="mark model" data-step="N">` and, as far as the
/// system was asked, `<g class="mark system agrees|differs" data-step="N">`; steps count from 1.
pub fn diagram(scope: &Scope, rows: &[Row]) -> String {
    let mut drawing = Drawing { plan: Plan::of(scope), scope, body: Canvas::default(), y: TITLE_HEIGHT, stopped: None };
    drawing.head();
    for (index, row) in rows.iter().enumerate() {
        if index > 0 && index % ROWS_A_HEAD == 0 {
            drawing.head();
        }
        drawing.row(index, row, index.checked_sub(1).map(|before| &rows[before]));
    }
    drawing.finish(rows)
}

/// The picture as it grows downwards.
struct Drawing<'a> {
    plan: Plan,
    scope: &'a Scope,
    body: Canvas,
    y: i32,
    /// Where the system's lifelines end, once it differed.
    stopped: Option<i32>,
}

impl Drawing<'_> {
    /// The lifelines' names, in each half that goes on.
    fn head(&mut self) {
        let halves = if self.stopped.is_some() { 1 } else { 2 };
        for left in self.plan.halves().into_iter().take(halves) {
            for (name, x) in self.plan.lifelines(self.scope) {
                let at = Point { x: left + x, y: self.y };
                self.body.head(at, self.plan.head_width(), name);
            }
        }
        self.y += HEAD_HEIGHT;
    }

    fn row(&mut self, index: usize, row: &Row, before: Option<&Row>) {
        let step = index + 1;
        let verdict = row.verdict();
        self.title(step, row, verdict);
        let top = self.y + ROW_TITLE_HEIGHT;
        let [left, right] = self.plan.halves();
        let model = lines::of_model(self.scope, row, before);
        self.body.open("mark model", step);
        let model_end = self.lines(Point { x: left, y: top }, &model);
        self.body.close();
        let system_end = self.system(step, Point { x: right, y: top }, row, before);
        self.y = model_end.max(system_end) + ROW_FOOT_HEIGHT;
        if verdict == Verdict::Differs {
            self.stopped = Some(system_end);
        }
    }

    /// Above a step's two halves: its number and name.
    fn title(&mut self, step: usize, row: &Row, verdict: Verdict) {
        let class = match verdict {
            Verdict::Agrees => "band",
            Verdict::Differs => "band differs",
            Verdict::Open => "band open",
        };
        self.body.rect(Point { x: 0, y: self.y }, Point { x: self.plan.width(), y: 20 }, class);
        let base = self.y + 14;
        self.body.text(Point { x: 26, y: base }, Anchor::End, "number", &step.to_string());
        self.body.text(Point { x: 36, y: base }, Anchor::Start, "action", &row.name);
    }

    /// The system's half of a step, if it was asked; where it ends.
    fn system(&mut self, step: usize, at: Point, row: &Row, before: Option<&Row>) -> i32 {
        let (class, sign) = match row.verdict() {
            Verdict::Agrees => ("mark system agrees", "✓ agrees"),
            Verdict::Differs => ("mark system differs", "✗ differs"),
            Verdict::Open => return self.lines(at, &[]),
        };
        self.body.open(class, step);
        self.body.text(Point { x: self.plan.width() - 10, y: at.y - ROW_TITLE_HEIGHT + 14 }, Anchor::End, "sign", sign);
        let end = self.lines(at, &lines::of_system(self.scope, row, before));
        self.body.close();
        end
    }

    fn lines(&mut self, at: Point, lines: &[Line]) -> i32 {
        lines.iter().fold(at.y, |y, line| self.plan.draw(&mut self.body, Point { x: at.x, y }, line))
    }

    fn finish(self, rows: &[Row]) -> String {
        let height = self.y + 8;
        let mut whole = Canvas::default();
        whole.rect(Point { x: 0, y: 0 }, Point { x: self.plan.width(), y: height }, "ground");
        titles(&mut whole, &self.plan, self.scope, rows);
        lifelines(&mut whole, &self.plan, self.scope, [height - 6, self.stopped.unwrap_or(height - 6)]);
        whole.line(Point { x: self.plan.width() / 2, y: 6 }, Point { x: self.plan.width() / 2, y: height - 6 }, "fold");
        whole.append(self.body);
        style::wrap(Point { x: self.plan.width(), y: height }, &summary(self.scope, rows), &whole)
    }
}

/// What each half is.
fn titles(canvas: &mut Canvas, plan: &Plan, scope: &Scope, rows: &[Row]) {
    let [left, right] = plan.halves();
    let at = |x| Point { x: x + 8, y: 18 };
    canvas.text(at(left), Anchor::Start, "side", &format!("the model: {}", scope.name));
    let class = if differs_at(rows).is_some() { "side differs" } else { "side" };
    canvas.text(at(right), Anchor::Start, class, &format!("the system: {}", outcome(rows)));
}

fn outcome(rows: &[Row]) -> String {
    match (rows.len(), differs_at(rows)) {
        (0, _) => "nothing has happened yet".to_owned(),
        (_, Some(step)) => format!("✗ differs at step {step}"),
        (1, None) => "✓ agrees in the one step".to_owned(),
        (steps, None) => format!("✓ agrees in all {steps} steps"),
    }
}

fn differs_at(rows: &[Row]) -> Option<usize> {
    rows.iter().position(|row| row.verdict() == Verdict::Differs).map(|index| index + 1)
}

fn summary(scope: &Scope, rows: &[Row]) -> String {
    format!("scope {}, the model beside the system: {}", scope.name, outcome(rows))
}

/// Behind everything else, down to each half's end.
fn lifelines(canvas: &mut Canvas, plan: &Plan, scope: &Scope, ends: [i32; 2]) {
    for (left, end) in plan.halves().into_iter().zip(ends) {
        for (_, x) in plan.lifelines(scope) {
            canvas.line(Point { x: left + x, y: TITLE_HEIGHT + 20 }, Point { x: left + x, y: end }, "life");
        }
    }
}
