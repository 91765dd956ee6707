// A line under stateright's page: the trace of what is shown, to be copied, and a field to paste one. What a trace means, and why an
// address leads nowhere, is asked of the server.
'use strict';
{
    const line = document.createElement('form');
    line.style.cssText = 'position:fixed;bottom:0;left:0;right:0;z-index:1;padding:4px 8px;background:#eee;color:#111;font:13px monospace';
    line.innerHTML = '<label>trace <input size="70" spellcheck="false"></label> <button>go</button> '
        + '<button type="button">copy</button> <output role="alert" style="color:#a00"></output>';
    const [field, copy, said] = ['input', 'button[type=button]', 'output'].map(part => line.querySelector(part));
    document.body.append(line);
    document.body.style.paddingBottom = `${line.offsetHeight}px`;

    const ask = async path => {
        const answer = await fetch(path);
        return [answer.ok, await answer.text()];
    };
    const show = async () => {
        const way = location.hash.split('?')[0].replace(/^#(\/steps)?/, '');
        const [there, text] = await ask('/.trace' + way);
        said.textContent = there ? '' : text;
        if (there) field.value = text;
    };
    line.onsubmit = async event => {
        event.preventDefault();
        const [there, text] = await ask('/.address/' + encodeURIComponent(field.value.trim()));
        said.textContent = there ? '' : text;
        if (there) location.hash = text;
    };
    copy.onclick = () => navigator.clipboard.writeText(field.value);
    addEventListener('hashchange', show);
    show();
}
