//! Other programs while they run: their lines, signals and end. Whatever is started here is ended here.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

/// How long a program may take to start or to end before it counts as stuck.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A running program. It ends with this value, also when a check fails.
#[derive(Debug)]
pub(crate) struct Process {
    name: String,
    child: Child,
    output: Arc<Output>,
}

#[derive(Debug, Default)]
struct Output {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    lines: Vec<String>,
    closed: usize,
}

impl Process {
    /// Starts the program and collects the lines of both its outputs.
    pub(crate) fn start(name: &str, command: &mut Command) -> Result<Self> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("{name} did not start"))?;
        let output = Arc::new(Output::default());
        if let Some(stdout) = child.stdout.take() {
            collect(stdout, Arc::clone(&output));
        }
        if let Some(stderr) = child.stderr.take() {
            collect(stderr, Arc::clone(&output));
        }
        Ok(Self {
            name: name.to_owned(),
            child,
            output,
        })
    }

    /// The process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// How many lines there are so far; the place to look from later.
    pub(crate) fn mark(&self) -> usize {
        self.output.lock().lines.len()
    }

    /// All it has printed so far.
    pub(crate) fn printed(&self) -> String {
        self.output.lock().lines.join("\n")
    }

    /// Waits until `find` finds something in a line after `mark`.
    pub(crate) fn wait_for<T>(
        &self,
        what: &str,
        mark: usize,
        find: impl Fn(&str) -> Option<T>,
    ) -> Result<T> {
        let until = Instant::now() + PATIENCE;
        let mut state = self.output.lock();
        let mut seen = mark;
        loop {
            if let Some(found) = state.lines.iter().skip(seen).find_map(|line| find(line)) {
                return Ok(found);
            }
            seen = state.lines.len();
            let left = until.saturating_duration_since(Instant::now());
            if state.closed == 2 || left.is_zero() {
                let printed = state.lines.get(mark..).unwrap_or_default().join("\n");
                bail!("{} never printed {what}; it printed:\n{printed}", self.name);
            }
            state = self
                .output
                .changed
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// Sends a signal by name, such as `TERM`.
    pub(crate) fn signal(&self, signal: &str) -> Result<()> {
        let status = Command::new("sh")
            .args(["-c", &format!("kill -{signal} {}", self.id())])
            .status()?;
        ensure!(
            status.success(),
            "{} could not be sent SIG{signal}",
            self.name
        );
        Ok(())
    }

    /// Ends it at once, as a power cut would.
    pub(crate) fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Waits for its end, that is until it has closed both outputs and can be reaped.
    pub(crate) fn wait(&mut self, patience: Duration) -> Result<ExitStatus> {
        let state = self.output.lock();
        let (state, timeout) = self
            .output
            .changed
            .wait_timeout_while(state, patience, |state| state.closed < 2)
            .unwrap_or_else(PoisonError::into_inner);
        drop(state);
        ensure!(
            !timeout.timed_out(),
            "{} still ran after {} s",
            self.name,
            patience.as_secs()
        );
        Ok(self.child.wait()?)
    }
}

impl Drop for Process {
    /// Asks first, because some programs have children of their own.
    fn drop(&mut self) {
        if let Ok(Some(_)) = self.child.try_wait() {
            return;
        }
        let ended = self
            .signal("TERM")
            .and_then(|()| self.wait(Duration::from_secs(5)));
        if ended.is_err()
            && let Err(error) = self.kill()
        {
            println!(
                "warning: {} (process {}) could not be ended: {error}",
                self.name,
                self.id()
            );
        }
    }
}

impl Output {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn collect(pipe: impl Read + Send + 'static, output: Arc<Output>) {
    thread::spawn(move || {
        let mut reader = BufReader::new(pipe);
        let mut bytes = Vec::new();
        while matches!(reader.read_until(b'\n', &mut bytes), Ok(count) if count > 0) {
            let line = String::from_utf8_lossy(&bytes).trim_end().to_owned();
            bytes.clear();
            output.lock().lines.push(line);
            output.changed.notify_all();
        }
        output.lock().closed += 1;
        output.changed.notify_all();
    });
}

/// Runs a program to its end and gives what it printed; a bad exit status is an error that shows it.
pub(crate) fn run(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("{command:?} did not start"))?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        bail!(
            "{command:?} ended with {}:\n{printed}{complaint}",
            output.status
        );
    }
    Ok(printed)
}

/// Asks `probe` again and again until it gives a value; for states that other programs reach in their own time.
pub(crate) fn poll<T>(what: &str, mut probe: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let until = Instant::now() + PATIENCE;
    loop {
        let found = probe();
        if let Ok(Some(value)) = found {
            return Ok(value);
        }
        if Instant::now() >= until {
            found.context(format!("{what}: not so after {} s", PATIENCE.as_secs()))?;
            bail!("{what}: not so after {} s", PATIENCE.as_secs());
        }
        thread::sleep(Duration::from_millis(50));
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Process {
        Process::start("sh", Command::new("sh").args(["-c", script])).unwrap()
    }

    #[test]
    fn lines_of_both_outputs_are_found_and_an_early_end_is_told() {
        let process = shell("echo one; echo two >&2");
        let found = process.wait_for("two", 0, |line| (line == "two").then_some(2));
        assert_eq!(found.unwrap(), 2);
        let error = process
            .wait_for::<()>("three", 0, |_| None)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("never printed three") && error.contains("one"),
            "{error}"
        );
    }

    #[test]
    fn the_exit_status_of_a_signal_handler_is_seen() {
        let mut process = shell("trap 'exit 3' TERM; echo ready; while :; do sleep 0.01; done");
        process
            .wait_for("ready", 0, |line| (line == "ready").then_some(()))
            .unwrap();
        process.signal("TERM").unwrap();
        assert_eq!(process.wait(PATIENCE).unwrap().code(), Some(3));
    }

    #[test]
    fn a_dropped_process_is_gone() {
        let process = shell("echo ready; exec sleep 60");
        process
            .wait_for("ready", 0, |line| (line == "ready").then_some(()))
            .unwrap();
        let id = process.id();
        drop(process);
        assert!(run(Command::new("sh").args(["-c", &format!("kill -0 {id} 2>&1")])).is_err());
    }
}
