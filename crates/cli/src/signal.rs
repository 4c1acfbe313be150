//! Ctrl-C and SIGTERM: the first finishes the calls in flight, the second stops at once.

use tokio::sync::watch;

/// The runtime that clouds are asked in. Commands that ask none don't start it.
pub(crate) fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

/// The signals that came since, counted. Must be called within the runtime.
#[cfg(unix)]
pub(crate) fn count() -> std::io::Result<watch::Receiver<u32>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let (sender, receiver) = watch::channel(0);
    tokio::spawn(async move {
        loop {
            let came = tokio::select! {
                came = interrupt.recv() => came,
                came = terminate.recv() => came,
            };
            if came.is_none() {
                return;
            }
            sender.send_modify(|count| *count += 1);
        }
    });
    Ok(receiver)
}

/// The signals that came since, counted. Must be called within the runtime.
#[cfg(not(unix))]
pub(crate) fn count() -> std::io::Result<watch::Receiver<u32>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    let (sender, receiver) = watch::channel(0);
    tokio::spawn(async move {
        while interrupt.recv().await.is_some() {
            sender.send_modify(|count| *count += 1);
        }
    });
    Ok(receiver)
}
