//! Serves an empty endpoint on the port given (4566 without one) until it is interrupted.
//!
//! ```sh
//! cargo run -p rolecall-server --example endpoint -- 4566
//! ```

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = std::env::args()
        .nth(1)
        .map_or(Ok(4566), |port| port.parse())?;
    let server = rolecall_server::Server::builder()
        .port(port)
        .start()
        .await?;
    #[expect(clippy::print_stdout, reason = "this is a program")]
    {
        println!("rolecall ready on {}", server.endpoint());
    }
    tokio::signal::ctrl_c().await?;
    server.stop().await;
    Ok(())
}
