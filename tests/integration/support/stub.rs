use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use actix_web::http::header::HeaderMap;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};

/// A server of somebody else: notes what it is asked, and answers 200 unless told otherwise.
pub struct Stub {
    pub url: String,
    notes: Arc<Notes>,
}

#[derive(Default)]
struct Notes {
    asked: Mutex<Vec<Asked>>,
    answers: Mutex<VecDeque<u16>>,
}

/// One request.
#[derive(Clone, Debug)]
pub struct Asked {
    pub line: String,
    pub headers: HeaderMap,
    pub body: String,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

impl Stub {
    pub fn start() -> Stub {
        let notes = Arc::new(Notes::default());
        let shared = web::Data::from(notes.clone());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(shared.clone())
                .default_service(web::to(note))
        })
        .workers(1)
        .disable_signals()
        .bind(("127.0.0.1", 0))
        .unwrap();
        let url = format!("http://{}", server.addrs()[0]);
        actix_web::rt::spawn(server.run());
        Stub { url, notes }
    }

    /// The next requests get these answers.
    pub fn answer(&self, statuses: &[u16]) {
        self.notes.answers.lock().unwrap().extend(statuses);
    }

    /// Everything it was asked so far, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.notes.asked.lock().unwrap().clone()
    }
}

async fn note(request: HttpRequest, body: String, notes: web::Data<Notes>) -> HttpResponse {
    let line = format!("{} {}", request.method(), request.uri());
    notes.asked.lock().unwrap().push(Asked {
        line,
        headers: request.headers().clone(),
        body,
    });
    let status = notes.answers.lock().unwrap().pop_front().unwrap_or(200);
    HttpResponse::build(status.try_into().unwrap()).finish()
}
