//! What is said when topo itself is wrong.

use std::io::Write;

/// From now on a panic says that it is ours, and how to report it.
pub(crate) fn install() {
    std::panic::set_hook(Box::new(|info| {
        let payload = info.payload();
        let text = payload.downcast_ref::<&str>().copied();
        let message = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message");
        let at = info.location().map(|l| format!("{}:{}", l.file(), l.line())).unwrap_or_default();
        let mut stderr = std::io::stderr().lock();
        let _ = writeln!(
            stderr,
            "error: topo stopped where it never should: {message}\n  at {at}, topo {version}\n\n\
             Nothing is lost: what was under way is resolved by the next 'topo apply'.\n\
             Please report the lines above, with the command and the program that led here;\n\
             RUST_BACKTRACE=1 shows more. This is not your program's fault: this is a bug in topo",
            version = env!("CARGO_PKG_VERSION"),
        );
        if std::env::var_os("RUST_BACKTRACE").is_some_and(|v| v != "0") {
            let _ = writeln!(stderr, "{}", std::backtrace::Backtrace::force_capture());
        }
    }));
}
