//! What can be wrong with the shell of the client in a page: a text in what is served stands in the place of another. The product carries
//! nothing for it.

use strum::{Display, EnumCount, VariantArray};

/// A bug of the shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Display, EnumCount, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum ShellBug {
    /// The key of an instance is not guarded.
    NoLock,
    /// The lock outlives the instance (DESTROY-1).
    LockOutlivesDestroy,
    /// A page that goes closes its link with 1000.
    PageClosesWith1000,
    /// A link that is given up is closed with 1000.
    GivesUpWith1000,
    /// The heartbeat runs on a timer of the window's.
    HeartbeatOnWindowTimer,
    /// A link that is closed is done with only once the server has answered (LINK-9).
    DoneAtOnclose,
    /// An attempt at a link goes on that nobody waits for any more.
    OpeningGoesOn,
    /// An event is told before the answer before it.
    EventsOvertakeAnswers,
    /// Every login names the same session.
    SecretUsedAgain,
    /// A repeat is told as a login.
    RepeatIsNotTold,
    /// The number of the last link is not read from the storage (LINK-3).
    EpochInMemory,
    /// A page that is frozen keeps its link (LINK-6).
    FreezeIsNotSeen,
    /// A page that is frozen asks for the next link at once, and not as it wakes.
    ReconnectsAsleep,
}

/// A file, what stands there exactly once, and what stands there instead.
type Edit = (&'static str, &'static str, &'static str);

impl ShellBug {
    /// Every bug.
    pub const ALL: &[ShellBug] = <ShellBug as VariantArray>::VARIANTS;

    const fn edits(self) -> &'static [Edit] {
        match self {
            ShellBug::NoLock => &[("identity.js", "kept && await lock(kept.key)", "kept && (() => {})")],
            ShellBug::LockOutlivesDestroy => {
                &[("shell.js", "this.#timers.end();\n        this.#identity?.release();", "this.#timers.end();")]
            }
            ShellBug::PageClosesWith1000 => {
                const CLOSES: &str = "this.#ears = ears;\n        \
                                      addEventListener('pagehide', () => this.#open.forEach((_, epoch) => this.close(epoch, NORMAL)));";
                &[("links.js", "this.#ears = ears;", CLOSES)]
            }
            ShellBug::GivesUpWith1000 => &[(
                "links.js",
                "socket.close(code === NORMAL || code >= FIRST_OF_APPLICATIONS ? code : GIVEN_UP)",
                "socket.close(NORMAL)",
            )],
            ShellBug::HeartbeatOnWindowTimer => {
                const ARMS: &str = "case 'arm': return effect.timer.startsWith('heartbeat')\n                \
                                    ? void setTimeout(() => this.#input((machine, now) => machine.timer(now, effect.timer)), effect.afterMs)\n                \
                                    : this.#timers.arm(effect.timer, effect.afterMs);";
                &[("shell.js", "case 'arm': return this.#timers.arm(effect.timer, effect.afterMs);", ARMS)]
            }
            ShellBug::DoneAtOnclose => &[
                (
                    "links.js",
                    "socket.onopen = socket.onmessage = socket.onclose = null;",
                    "socket.onopen = socket.onmessage = null;\n            socket.onclose = done;",
                ),
                ("links.js", "close(epoch, code) {", "close(epoch, code, done = null) {"),
                (
                    "shell.js",
                    "case 'close': return this.#links.close(effect.epoch, effect.code);",
                    "case 'close': this.#isTelling = true; return this.#links.close(effect.epoch, effect.code, () => { this.#isTelling = false; this.#tell(); });",
                ),
            ],
            ShellBug::OpeningGoesOn => &[("links.js", "if (socket) {", "if (socket?.readyState === WebSocket.OPEN) {")],
            ShellBug::EventsOvertakeAnswers => &[("shell.js", "            await null;\n", "")],
            ShellBug::SecretUsedAgain => &[("shell.js", "const secret = bits(randomBits());", "const secret = 1n;")],
            ShellBug::EpochInMemory => &[("identity.js", "return kept?.key === this.key ? kept.epoch : 0;", "return 0;")],
            ShellBug::FreezeIsNotSeen => &[("shell.js", "document.addEventListener('freeze', sleep, { signal });\n", "")],
            ShellBug::ReconnectsAsleep => &[(
                "shell.js",
                "const sleep = () => this.#links.giveUp().forEach(epoch => this.#lose(epoch));",
                "const sleep = () => { this.#links.giveUp().forEach(epoch => this.#lose(epoch)); wake(); };",
            )],
            ShellBug::RepeatIsNotTold => &[("index.js", "repeatLogin: typeof answer === 'object'", "repeatLogin: false")],
        }
    }

    /// A file of the package with it.
    ///
    /// # Errors
    /// That the text which it replaces does not stand there exactly once.
    pub(super) fn plant(self, file: &str, bytes: &[u8]) -> Result<Vec<u8>, String> {
        let mut planted = bytes.to_vec();
        for (_, right, wrong) in self.edits().iter().filter(|(name, ..)| *name == file) {
            let text = String::from_utf8_lossy(&planted);
            match text.matches(right).count() {
                1 => planted = text.replacen(right, wrong, 1).into_bytes(),
                many => return Err(format!("{self}: `{right}` stands in {file} {many} times, and not once")),
            }
        }
        Ok(planted)
    }
}
