//! What a server process is started with: which binary, as what server, and the folder in which it keeps what must outlive it. It asks
//! a process nothing.

use std::env;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use sut::config::{App, Classes};
use sut::session::Platform;
use sut::timers::UnixMillis;
use tempfile::TempDir;

use crate::planting;

static BINARY: OnceLock<PathBuf> = OnceLock::new();

/// Says which binary serves the tours; unless it is said before the first of them, it is the one that runs.
pub fn serve_with(binary: impl Into<PathBuf>) {
    let _ = BINARY.set(binary.into());
}

/// The file that runs, for as long as it runs: a build beside it that puts another one in its place changes nothing.
const THAT_RUNS: &str = "/proc/self/exe";

/// The binary that serves the tours.
///
/// # Errors
/// It is not known which one runs.
pub fn binary() -> io::Result<PathBuf> {
    let runs = Path::new(THAT_RUNS);
    let that_runs = || if runs.exists() { Ok(runs.to_owned()) } else { env::current_exe() };
    BINARY.get().cloned().map_or_else(that_runs, Ok)
}

/// Where a server keeps its registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Storage {
    /// In its memory.
    Memory,
    /// In a data folder, which goes with the last server that was started on it.
    Folder,
}

/// What a server process is told to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    app: App,
    planted: Option<String>,
    storage: Storage,
}

impl Role {
    /// A server of that app, with the bug that is planted on this thread.
    pub fn of(app: &App) -> Role {
        Role { app: app.clone(), planted: planting::name(), storage: Storage::Memory }
    }

    /// The same server with a data folder, so that it can be killed and started again.
    #[must_use]
    pub fn durable(self) -> Role {
        Role { storage: Storage::Folder, ..self }
    }

    fn arguments(&self) -> Vec<String> {
        let App { sdk_app_id, policy, limits, administrators, secret_key: _, buffers: _, bounds: _, usersig_ahead_s: _ } =
            &self.app;
        let mut arguments = ["serve", "--listen", "127.0.0.1:0"].map(str::to_owned).to_vec();
        arguments.push(format!("--sdk-app-id={sdk_app_id}"));
        arguments.push(format!("--policy={policy}"));
        if !matches!(policy.classes, Classes::Own(_)) {
            arguments.extend(Platform::ALL.map(|platform| format!("--limit={platform}={}", limits.of(platform))));
        }
        arguments.extend(administrators.iter().map(|administrator| format!("--administrator={administrator}")));
        arguments.extend(self.planted.iter().map(|bug| format!("--planted={bug}")));
        arguments
    }
}

/// All that is needed to start a server process, and to start it again.
#[derive(Debug)]
pub(super) struct Launch {
    binary: PathBuf,
    role: Role,
    folder: Option<TempDir>,
}

impl Launch {
    /// With an empty data folder, if the role asks for one.
    pub(super) fn of(binary: &Path, role: &Role) -> io::Result<Launch> {
        let folder = match role.storage {
            Storage::Memory => None,
            Storage::Folder => Some(TempDir::new()?),
        };
        Ok(Launch { binary: binary.to_owned(), role: role.clone(), folder })
    }

    /// Starts it at that moment.
    pub(super) fn start(&self, now: UnixMillis) -> io::Result<Child> {
        let mut command = Command::new(&self.binary);
        command.args(self.role.arguments()).arg(format!("--manual-time={}", now.0));
        if let Some(folder) = &self.folder {
            command.arg("--data").arg(folder.path());
        }
        command.env("KICKPROOF_KEY", self.role.app.secret_key.current()).env("KICKPROOF_LOG", "error");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()
    }
}
