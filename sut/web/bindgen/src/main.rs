//! `bindgen FILE.wasm FOLDER`: writes into the folder the WebAssembly that a page loads, and the JavaScript that calls it.

use std::env;
use std::error::Error;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<(), Box<dyn Error>> {
    let [wasm, folder] =
        <[String; 2]>::try_from(env::args().skip(1).collect::<Vec<_>>()).map_err(|_| "usage: bindgen FILE.wasm FOLDER")?;
    Bindgen::new().input_path(wasm).web(true)?.typescript(true).remove_name_section(true).generate(folder)?;
    Ok(())
}
