//! Where configuration comes from, and the way from there to settings. Reads files; must not read
//! the process environment, log or exit.

use std::{
    ffi::OsString,
    fmt,
    path::{Path, PathBuf},
};

use crate::{
    command_line::{self, Overrides},
    environment,
    file::{self, Unreadable},
    interpolate::Variables,
    layer::Layer,
    problem::{ConfigError, Problem, Warning},
    reader::Reading,
    sections,
    settings::Settings,
    view::EffectiveView,
};

/// Where configuration comes from. Later wins: defaults, file, environment, command line.
///
/// Keep it: [`Source::load`] reads the file anew each time, which is what a reload is.
///
/// ```
/// use mailpilot_config::Source;
///
/// let loaded = Source::new()
///     .text("inline.yaml", "server: {port: 3000, auth_token: \"${AUTH_TOKEN}\"}")
///     .environment([("AUTH_TOKEN".to_owned(), "a token of some length".to_owned())])
///     .load()?;
/// assert_eq!(loaded.settings.http.port, 3000);
/// # Ok::<(), mailpilot_config::ConfigError>(())
/// ```
#[derive(Clone, Default)]
pub struct Source {
    file: Option<FileSource>,
    variables: Variables,
    /// Names of variables that would have been keys, had they been text.
    unreadable: Vec<String>,
    overrides: Overrides,
}

#[derive(Clone)]
enum FileSource {
    Named(PathBuf),
    Optional(PathBuf),
    Text { name: PathBuf, yaml: String },
}

/// What a source says.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The settings.
    pub settings: Settings,
    /// What works but should be looked at, in the order of the sources.
    pub warnings: Vec<Warning>,
    /// The settings as they may be shown.
    pub view: EffectiveView,
    /// The file that was read, if one was.
    pub file: Option<PathBuf>,
}

impl Source {
    /// Nothing but the built-in defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads this file; that it is missing is an error.
    #[must_use]
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.file = Some(FileSource::Named(path.into()));
        self
    }

    /// Reads this file if it is there.
    #[must_use]
    pub fn optional_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.file = Some(FileSource::Optional(path.into()));
        self
    }

    /// Reads this text in place of a file; `name` stands for the file in messages.
    #[must_use]
    pub fn text(mut self, name: impl Into<PathBuf>, yaml: impl Into<String>) -> Self {
        self.file = Some(FileSource::Text {
            name: name.into(),
            yaml: yaml.into(),
        });
        self
    }

    /// The environment: `MAILPILOT_…__…` as keys, and every variable for `${NAME}`. Takes
    /// [`std::env::vars_os`] as it is.
    ///
    /// A variable that is not UTF-8 is a problem when the source is loaded if it is one of
    /// `MAILPILOT_…`, for what it would have set may not be passed over; any other counts as not set.
    #[must_use]
    pub fn environment(
        mut self,
        variables: impl IntoIterator<Item = (impl Into<OsString>, impl Into<OsString>)>,
    ) -> Self {
        let read = environment::read(variables);
        (self.variables, self.unreadable) = (read.variables, read.unreadable);
        self
    }

    /// What the command line overrides.
    #[must_use]
    pub fn command_line(mut self, overrides: Overrides) -> Self {
        self.overrides = overrides;
        self
    }

    /// Reads every source, the file anew.
    ///
    /// # Errors
    /// Every problem of every source at once. Nothing of a secret is in them.
    pub fn load(&self) -> Result<Loaded, ConfigError> {
        let mut problems = Vec::new();
        let mut layers = Vec::new();
        let file = self.read_file(&mut problems);
        if let Some((path, text)) = &file {
            collect(
                &mut layers,
                &mut problems,
                file::layer(path, text, &self.variables),
            );
        }
        collect(
            &mut layers,
            &mut problems,
            environment::layer(&self.variables),
        );
        problems.extend(environment::unreadable(&self.unreadable));
        collect(
            &mut layers,
            &mut problems,
            command_line::layer(&self.overrides),
        );

        // Merging hides what a later source replaces, wrong as it may be: read each source alone too.
        for layer in layers.chunks(1) {
            let reading = Reading::new(layer);
            sections::read_each(&reading.root(""));
            problems.extend(reading.into_findings().problems);
        }
        let reading = Reading::new(&layers);
        let settings = sections::read(&reading.root(""));
        let inline_secrets = sections::holds_inline_secrets(&reading.root(""));
        let findings = reading.into_findings();
        problems.extend(findings.problems);
        if !problems.is_empty() {
            return Err(ConfigError::new(problems));
        }
        let mut warnings = findings.warnings;
        let on_disk = file.map(|(path, _)| path).filter(|_| !self.is_text());
        if let Some(path) = on_disk.as_deref().filter(|_| inline_secrets) {
            warnings.extend(file::open_to_others(path));
        }
        warnings.sort_by(|a, b| a.origin.rank().cmp(&b.origin.rank()));
        let view = EffectiveView::of(&settings, &findings.origins);
        Ok(Loaded {
            settings,
            warnings,
            view,
            file: on_disk,
        })
    }

    fn is_text(&self) -> bool {
        matches!(self.file, Some(FileSource::Text { .. }))
    }

    fn read_file(&self, problems: &mut Vec<Problem>) -> Option<(PathBuf, String)> {
        let (path, optional) = match self.file.as_ref()? {
            FileSource::Text { name, yaml } => return Some((name.clone(), yaml.clone())),
            FileSource::Named(path) => (path, false),
            FileSource::Optional(path) => (path, true),
        };
        match file::read(path) {
            Ok(text) => return Some((path.clone(), text)),
            Err(Unreadable::Missing) if optional => {}
            Err(Unreadable::Missing) => problems.push(missing(path)),
            Err(Unreadable::Because(message)) => problems.push(file::whole(path, message)),
        }
        None
    }
}

fn missing(path: &Path) -> Problem {
    file::whole(path, "there is no such file")
        .help("name another with --config or MAILPILOT_CONFIG")
}

fn collect(
    layers: &mut Vec<Layer>,
    problems: &mut Vec<Problem>,
    (layer, found): (Layer, Vec<Problem>),
) {
    layers.push(layer);
    problems.extend(found);
}

/// Shows no variable: any of them may be a secret.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.as_ref().map(|file| match file {
            FileSource::Named(path) | FileSource::Optional(path) => path,
            FileSource::Text { name, .. } => name,
        });
        f.debug_struct("Source")
            .field("file", &file)
            .field("variables", &self.variables.len())
            .field("overrides", &self.overrides)
            .finish()
    }
}
