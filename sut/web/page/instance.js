// One instance: its calls as buttons, and what it tells, newest first. What it does is the vendor's page's own code.

const sockets = new Set();
/** A link of the page's that can be cut, as if it were lost. */
window.WebSocket = class extends WebSocket {
    constructor(...where) {
        super(...where);
        sockets.add(this);
        this.addEventListener('close', () => sockets.delete(this));
    }
};

const { settings, userSig } = await import('./server.js');
const { default: TIM } = await import('./index.js');

const words = new URLSearchParams(location.search);
const [name, userID] = [words.get('name') ?? 'tab', words.get('account') ?? 'alice'];
const at = id => document.getElementById(id);
document.title = at('name').textContent = `${name}: ${userID}`;

const log = (text, kind = '') => {
    const line = document.createElement('li');
    line.textContent = `${new Date().toLocaleTimeString('en-GB')} ${text}`;
    line.className = kind;
    at('events').prepend(line);
};
const show = (text, kind = '') => Object.assign(at('state'), { textContent: text, className: kind });

/** Makes a call, and shows what becomes of it. */
const call = async (what, promise) => {
    log(`${what}()`, 'call');
    try {
        const { data } = await promise;
        log(`${what} resolved${data.repeatLogin ? `: ${data.errorInfo}` : ''}`, 'call');
        return true;
    } catch (imError) {
        log(`${what} refused: ${imError.code} ${imError.message}`, 'bad');
        return false;
    }
};

let tim;
const create = () => {
    tim = TIM.create({ SDKAppID: settings.SDKAppID, server: settings.server, instance: name });
    for (const [event, value] of Object.entries(TIM.EVENT)) {
        tim.on(value, ({ data }) => log([event, data.type ?? data.state ?? data[0]?.payload.text].filter(Boolean).join(' ')));
    }
    tim.on(TIM.EVENT.SDK_READY, () => show('ready', 'ready'));
    tim.on(TIM.EVENT.SDK_NOT_READY, () => show('not ready'));
    tim.on(TIM.EVENT.KICKED_OUT, ({ data }) => show(`kicked out: ${data.type}`, 'kicked'));
    tim.on(TIM.EVENT.NET_STATE_CHANGE, ({ data }) => show(data.state, data.state === 'connected' ? 'ready' : ''));
    show('logged out');
};

at('login').onclick = async () => {
    if (!tim) create();
    const promise = userSig(userID).then(userSig => tim.login({ userID, userSig }));
    if (await call('login', promise)) show(tim.isReady() ? 'ready' : 'logged in', tim.isReady() ? 'ready' : '');
};
at('logout').onclick = async () => {
    if (tim && await call('logout', tim.logout())) show('logged out');
};
at('destroy').onclick = async () => {
    if (tim && await call('destroy', tim.destroy())) show('destroyed');
    tim = undefined;
};
at('cut').onclick = () => {
    log(sockets.size ? 'the link is cut' : 'there is no link to cut', 'call');
    sockets.forEach(socket => socket.close(4000));
};
at('reload').onclick = () => location.reload();
at('send').onsubmit = event => {
    event.preventDefault();
    if (!tim) return;
    const message = tim.createTextMessage({ to: userID, conversationType: TIM.TYPES.CONV_C2C, payload: { text: at('text').value } });
    call('sendMessage', tim.sendMessage(message));
};
create();
at('calls').disabled = false;
