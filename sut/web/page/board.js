// The board: several instances side by side, each in a frame of its own, and who of the account is online.
import { administrate, settings } from './server.js';

const at = id => document.getElementById(id);
const account = () => at('account').value.trim();
const address = name => `instance.html?${new URLSearchParams({ name, account: account() })}`;
let last = 0;

const tell = async act => {
    try {
        await act();
        at('trouble').textContent = '';
    } catch (error) {
        at('trouble').textContent = error.message;
    }
};

const add = () => {
    last += 1;
    const frame = document.createElement('iframe');
    frame.title = frame.name = `a${last}`;
    frame.src = address(frame.name);
    at('board').append(frame);
};

/** Who is online, again and again, as long as the page is looked at. */
const look = () => tell(async () => {
    if (document.hidden) return;
    const { QueryResult: [{ Detail = [] }] } = await administrate('openim/query_online_status', { To_Account: [account()], IsNeedDetail: 1 });
    const instances = Detail.map(({ Platform, Status }) => `${Platform} ${Status}`);
    at('online').textContent = `${account()}: ${instances.length} of ${settings.limit} online on record${instances.length ? `, oldest login first: ${instances.join(', ')}` : ''}`;
});

at('add').onclick = add;
at('tab').onclick = () => window.open(address('tab'), '_blank', 'noopener');
at('kick').onclick = () => tell(() => administrate('im_open_login_svc/kick', { UserID: account() }));
at('account').onchange = () => {
    at('board').replaceChildren();
    last = 0;
    [1, 2, 3].forEach(add);
};
[1, 2, 3].forEach(add);
setInterval(look, 1000);
look();
