//! The command line, by transcripts: what was typed, what came on stdout and stderr, and
//! the exit code, together, in `tests/transcripts/`.
//!
//! `UPDATE_TRANSCRIPTS=1` writes what came into the files; read the difference then.

mod transcript;

/// A test for every transcript, and one that none was forgotten.
macro_rules! transcripts {
    ($($name:ident),* $(,)?) => {
        $(#[test] fn $name() { transcript::check(stringify!($name)); })*

        #[test]
        fn every_transcript_is_run() {
            assert_eq!(transcript::files(), [$(stringify!($name)),*]);
        }
    };
}

transcripts! {
    apply_and_destroy,
    approval,
    arguments,
    changes,
    compute,
    drift,
    faults,
    formatting,
    foundation,
    frozen,
    hello,
    machines,
    malformed,
    newcomer,
    operations,
    pictures,
    refusals,
    renames,
    replacement,
    roles,
    saved,
    secrets,
    simulate,
    tests,
    verify,
    versions,
    waiting,
}
