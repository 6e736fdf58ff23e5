//! The server: loopback only, every request judged, every answer bounded.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::sse::{KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tokio::sync::Semaphore;

use super::guard::Guard;
use super::pages::page;
use super::tabs::Tabs;
use super::view::{self, Answer};
use crate::error::{Error, Result};

/// Largest body of a request, in bytes.
const LARGEST_BODY: usize = 2 << 20;
/// Longest time that a body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(10);
/// Views computed at once. More have to wait.
const AT_ONCE: usize = 2;
/// Views that may wait.
const WAITING: usize = 32;
/// Nothing is loaded from elsewhere, nothing written into the page is run.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// What is explored, and where.
#[derive(Debug, Clone, Default)]
pub struct ExploreOptions {
    /// Port on 127.0.0.1. 0 (default) is any that is free.
    pub port: u16,
    /// The problem file shown first. Default an example.
    pub problem: Option<PathBuf>,
}

struct Shared {
    guard: Guard,
    tabs: Tabs,
    problem: Option<(String, String)>,
    running: Semaphore,
    waiting: Semaphore,
}

/// Serves the explorer until `stop` is set, or until its last tab has been closed for ten seconds.
/// `ready` is told the address, with its token, as soon as it is served.
///
/// # Errors
/// [`Error::Io`] if the port is taken, and those of [`Problem::read`](crate::model::Problem::read).
pub fn serve(
    options: &ExploreOptions,
    stop: &AtomicBool,
    ready: &mut dyn FnMut(&str),
) -> Result<()> {
    let problem = match &options.problem {
        Some(path) => Some((path.display().to_string(), view::read(path)?)),
        None => None,
    };
    let failed = |error| Error::io("127.0.0.1".as_ref(), error);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .max_blocking_threads(AT_ONCE)
        .enable_all()
        .build()
        .map_err(failed)?;
    let outcome = runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", options.port))
            .await
            .map_err(failed)?;
        let guard = Guard::new(listener.local_addr().map_err(failed)?.port())?;
        let shared = Arc::new(Shared {
            guard,
            tabs: Tabs::default(),
            problem,
            running: Semaphore::new(AT_ONCE),
            waiting: Semaphore::new(WAITING),
        });
        ready(&shared.guard.address());
        let app = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&shared));
        tokio::select! {
            served = axum::serve(listener, app) => served.map_err(failed),
            () = shared.tabs.closed(stop) => Ok(()),
        }
    });
    // what is still computed for a page that is gone need not be waited for
    runtime.shutdown_background();
    outcome
}

/// Answers one request.
async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let text = |name: header::HeaderName| header_text(&parts.headers, name);
    let query = parts.uri.query().unwrap_or("");
    let token = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("token="));
    let checked = shared.guard.check(
        text(header::HOST),
        text(header::ORIGIN),
        text(header::COOKIE),
        token,
    );
    let path = parts.uri.path();
    let response = match (checked, &parts.method) {
        (Err(refusal), _) => plain(StatusCode::FORBIDDEN, refusal.message()),
        (_, &Method::GET) if path == "/api/alive" => {
            let keep = KeepAlive::new().interval(Duration::from_secs(5));
            Sse::new(shared.tabs.open())
                .keep_alive(keep)
                .into_response()
        }
        (_, &Method::GET) => file(&shared, path),
        (_, &Method::POST) if path.starts_with("/api/") => {
            let is_json = text(header::CONTENT_TYPE) == Some("application/json");
            if is_json {
                let name = path.trim_start_matches("/api/").to_owned();
                view(&shared, name, body).await
            } else {
                plain(
                    StatusCode::UNSUPPORTED_MEDIA_TYPE,
                    "expected Content-Type: application/json",
                )
            }
        }
        (_, &Method::POST) => plain(StatusCode::NOT_FOUND, "there is nothing here"),
        _ => plain(
            StatusCode::METHOD_NOT_ALLOWED,
            "only GET and POST are answered",
        ),
    };
    with_policy(response)
}

fn header_text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("?"))
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    (
        status,
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
        text,
    )
        .into_response()
}

fn file(shared: &Shared, path: &str) -> Response {
    let Some(page) = page(path) else {
        return plain(StatusCode::NOT_FOUND, "there is nothing here");
    };
    let mut response = ([(header::CONTENT_TYPE, page.media)], page.text).into_response();
    if path == "/"
        && let Ok(cookie) = shared.guard.cookie().parse()
    {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

fn with_policy(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, header::HeaderValue::from_static(value));
    }
    response
}

/// Computes a view of the problem in the body.
async fn view(shared: &Shared, name: String, body: Body) -> Response {
    let Ok(_place) = shared.waiting.try_acquire() else {
        return plain(StatusCode::SERVICE_UNAVAILABLE, "too many requests at once");
    };
    let bytes = match tokio::time::timeout(BODY_TIME, to_bytes(body, LARGEST_BODY)).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(_)) => return plain(StatusCode::PAYLOAD_TOO_LARGE, "the request is too large"),
        Err(_) => {
            return plain(
                StatusCode::REQUEST_TIMEOUT,
                "the request took too long to arrive",
            );
        }
    };
    let Ok(_turn) = shared.running.acquire().await else {
        return plain(StatusCode::SERVICE_UNAVAILABLE, "the server is closing");
    };
    let first = shared.problem.clone();
    let computed = tokio::task::spawn_blocking(move || view::answer(&name, &bytes, first.as_ref()));
    match computed.await {
        Ok(Some(Ok(Answer { media, bytes }))) => {
            ([(header::CONTENT_TYPE, media)], bytes).into_response()
        }
        Ok(Some(Err(error))) => {
            let document = json!({"error": {
                "kind": error.kind(),
                "message": error.to_string(),
                "details": error.details(),
            }});
            let head = [(header::CONTENT_TYPE, "application/json")];
            (StatusCode::UNPROCESSABLE_ENTITY, head, document.to_string()).into_response()
        }
        Ok(None) => plain(StatusCode::NOT_FOUND, "there is nothing here"),
        Err(_) => plain(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the program failed on this problem",
        ),
    }
}
