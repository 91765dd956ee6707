// The Explorer's page. What is so, what may happen and what is seen of it is asked of the server; the page shows it, and keeps the whole
// place in its address: the trace, the question, the state that others are compared with.

const by = id => document.getElementById(id);
const make = (tag, set = {}, ...within) => {
    const made = Object.assign(document.createElement(tag), set);
    made.append(...within);
    return made;
};

/** The place: `at` a trace, `for` a question, `pin` the trace to compare with, `show` what is asked of the place. */
let place = {};
let scopes;
let current;
const shapes = { calls: 'Calls', deliveries: 'Deliveries', faults: 'Faults', timers: 'Timers', administrator: 'Administrator' };

const trouble = why => {
    by('trouble').textContent = why;
    by('trouble').hidden = !why;
};
const said = what => by('said').textContent = what;

const ask = async (path, words = {}) => {
    let answer;
    try {
        answer = await fetch(`api/${path}?${new URLSearchParams(words)}`);
    } catch {
        throw new Error('the Explorer\'s server does not answer; start it again with `kickproof explore`, and nothing here is lost');
    }
    const text = await answer.text();
    if (!answer.ok) throw new Error(text.trim());
    return JSON.parse(text);
};
/** Does it; if it cannot be done the page says why in one line, and stays where it is. */
const attempt = async what => {
    try {
        await what();
    } catch (error) {
        trouble(error.message);
    }
};

const read = () => Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
/** What the address asks for; the page may not show it yet. */
const asked = () => ({ at: place.at, ...read() });
const go = change => {
    const next = { ...asked(), ...change };
    Object.keys(next).filter(name => !next[name]).forEach(name => delete next[name]);
    location.hash = new URLSearchParams(next);
};
const nameOf = trace => trace.split(':')[0];
const wordsOf = trace => trace.slice(trace.indexOf(':') + 1).split(/\s+/).filter(Boolean);
const traceOf = (name, words) => `${name}:${words.map(word => ' ' + word).join('')}`;
const isTrace = text => scopes.all.some(scope => text.startsWith(scope.name + ':'));

/** Shows what the address asked for as it was called; if it asks for something else by then, that is shown by its own call. */
const draw = async address => {
    const next = { ...read() };
    next.at ||= scopes.first;
    const [shown, found] = await Promise.all([ask('place', { at: next.at }), next.for && ask('find', { at: next.at, for: next.for })]);
    const moved = current?.trace !== shown.trace;
    const opened = current && nameOf(current.trace) === nameOf(shown.trace) ? undefined : await ask('open', { scope: nameOf(next.at) });
    if (address !== location.hash) return;
    if (opened) drawScope(opened);
    [place, current] = [next, shown];
    if (moved) [drawSteps, drawState, drawMoves].forEach(part => part(shown));
    drawPin();
    if (moved) drawSides();
    drawFound(found);
    await Promise.all([drawAsked(), drawCompared()]);
};

const drawScope = opened => {
    by('scope').value = opened.name;
    by('about').dataset.scope = `${opened.about} (${opened.bounds}); ${opened.states.toLocaleString('en')} states, ${opened.transitions.toLocaleString('en')} moves`;
    const seats = opened.seats.map(seat => askButton(`who can still kick ${seat}?`, `threats ${seat}`));
    by('asks').replaceChildren(...seats, askButton('all ways into this state', 'into'), askButton('the rules here', 'rules'));
};

const ruleButton = rule => make('button', { className: 'rule', type: 'button', textContent: rule, onclick: () => go({ show: `rule ${rule}` }), title: `what ${rule} does here` });

const drawSteps = ({ steps, trace }) => {
    const words = wordsOf(trace);
    const to = count => traceOf(nameOf(trace), words.slice(0, count));
    const line = (step, count) => make('li', { className: count === words.length ? 'here' : '' },
        make('button', { type: 'button', textContent: step.name, onclick: () => go({ at: to(count) }) }),
        make('div', { className: 'seen', textContent: step.seen.join('; ') }),
        ...step.rules.map(rule => make('span', { className: 'small', textContent: rule + ' ' })));
    by('steps').replaceChildren(line({ name: 'the beginning', seen: [], rules: [] }, 0), ...steps.map((step, index) => line(step, index + 1)));
    by('steps').lastElementChild.scrollIntoView({ block: 'nearest' });
};

const inFlight = fact => ['up', 'down'].includes(fact.about);
const factLine = (fact, className) => make('li', { className }, inFlight(fact)
    ? make('span', { className: 'flight', textContent: `${fact.about === 'up' ? '→' : '←'} ${fact.text}` })
    : fact.text);

const drawState = ({ lanes, steps, state, nearest }) => {
    const gone = steps.at(-1)?.gone ?? [];
    const lane = ({ name, platform, facts }) => make('div', { className: 'lane' },
        make('h3', { textContent: platform ? `${name} (${platform})` : name }),
        make('ul', {}, ...facts.map(fact => factLine(fact, fact.is_new && steps.length ? 'new' : '')),
            ...gone.filter(fact => fact.of === name).map(fact => factLine(fact, 'gone'))));
    by('lanes').replaceChildren(...lanes.map(lane));
    const far = state === null ? 'beyond where the search was cut' : `state ${state.toLocaleString('en')}, ${nearest} steps from the beginning at the nearest`;
    by('about').textContent = `${far}. ${by('about').dataset.scope}.`;
};

const moveLine = move => make('li', {},
    make('button', { type: 'button', className: 'move', textContent: move.name, onclick: () => go({ at: traceOf(nameOf(place.at), [...wordsOf(place.at), move.word]) }) }),
    ...move.rules.map(ruleButton),
    make('div', { className: 'seen', textContent: move.seen.join('; ') || (move.changes ? 'nothing is seen' : 'nothing changes') }));

const drawMoves = ({ moves, held }) => {
    const group = (title, lines) => lines.length ? [make('h3', { textContent: title }), make('ul', {}, ...lines)] : [];
    const changing = Object.entries(shapes).flatMap(([name, title]) => group(title, moves.filter(move => move.changes && move.group === name).map(moveLine)));
    const idle = group('These change nothing', moves.filter(move => !move.changes).map(moveLine));
    const heldLines = held.map(({ name, bound }) => make('li', {}, name, make('div', { className: 'seen', textContent: `held back by the scope: ${bound}` })));
    const bounds = held.length ? [make('details', {}, make('summary', { textContent: `${held.length} held back by the scope` }), make('ul', {}, ...heldLines))] : [];
    by('groups').replaceChildren(...changing, ...idle, ...bounds);
};

const traceLink = ({ trace, last, steps }) => make('button', { type: 'button', textContent: `${steps} ${steps === 1 ? 'step' : 'steps'}: ${last || 'the beginning'}`, onclick: () => go({ at: trace }), title: trace });

const drawFound = found => {
    by('found').hidden = !found;
    by('question').value = place.for ?? '';
    if (!found) return;
    const [some, all] = [found.matching, found.total].map(number => number.toLocaleString('en'));
    const verdict = found.matching === 0 ? 'none' : found.matching === found.total ? 'all' : some;
    by('count').textContent = `${verdict} of ${all} ${found.of}${found.matching > found.nearest.length ? `; the nearest ${found.nearest.length}:` : ''}`;
    by('hits').replaceChildren(...found.nearest.map(hit => make('li', {}, traceLink(hit))));
};

const askButton = (text, show) => make('button', { type: 'button', textContent: text, onclick: () => go({ show }) });

const drawAsked = async () => {
    const [what, of] = (place.show ?? '').split(' ');
    const answer = { threats: drawThreats, into: drawInto, rules: drawRules, rule: drawRule, unavoidable: drawUnavoidable }[what];
    by('answer').replaceChildren(...answer ? await answer(of) : []);
};
const drawThreats = async seat => {
    const threats = await ask('threats', { at: place.at, seat });
    const line = threat => make('li', {}, `${threat.by}, within ${threat.steps} ${threat.steps === 1 ? 'step' : 'steps'}: `, traceLink({ ...threat, steps: wordsOf(threat.trace).length }));
    return [make('h3', { textContent: `Who can still kick ${seat}, as long as its session stays` }), make('ul', {}, ...threats.map(line)), threats.length ? '' : `nobody: ${seat} has no session online here`];
};
const drawInto = async () => {
    const ways = await ask('into', { at: place.at });
    return [make('h3', { textContent: `${ways.length} moves lead into this state` }), make('ol', {}, ...ways.slice(0, 200).map(way => make('li', {}, traceLink(way))))];
};
const drawRules = () => {
    const acting = [...new Set(current.moves.flatMap(move => move.rules))];
    return [make('h3', { textContent: 'Rules that act on a move here' }), ...acting.map(ruleButton)];
};
const drawRule = async rule => {
    const { text, origin, moves } = await ask('rule', { at: place.at, rule });
    const line = move => make('li', {}, make('strong', { textContent: move.name }),
        ...move.with.map(line => make('div', { className: 'with', textContent: `with ${rule}: ${line}` })),
        ...move.without.map(line => make('div', { className: 'without', textContent: `${rule} forbids: ${line}` })));
    return [make('h3', { textContent: `${rule} (${origin}): ${text}` }), make('ul', {}, ...moves.map(line)), moves.length ? '' : `${rule} acts on no move here`];
};

const drawUnavoidable = async () => {
    const { known, differs, step, instead, places } = await ask('unavoidable', { at: place.at });
    const title = make('h3', { textContent: 'From which step on was the difference unavoidable' });
    const lines = {
        agrees: () => ['On this way the machines agree with the model.'],
        undecided: () => [`It shows at step ${differs}. Since when it could not be avoided is not decided: more than ${places.toLocaleString('en')} places would have to be looked at.`],
        from: () => [`It shows at step ${differs}, and was unavoidable from step ${step} on: behind that every way back to where nobody is logged in passes a difference. `,
            traceLink({ trace: instead, last: 'the way back without a difference', steps: wordsOf(instead).length })],
    };
    return [title, make('p', {}, ...lines[known]())];
};

const drawPin = () => {
    by('pin').setAttribute('aria-pressed', String(Boolean(place.pin)));
    by('pin').textContent = place.pin ? 'unpin' : 'pin this state';
};
const drawCompared = async () => {
    by('compared').hidden = !place.pin || place.pin === place.at;
    if (by('compared').hidden) return;
    const { here, there } = await ask('compare', { at: place.at, with: place.pin });
    const lines = (facts, title) => make('div', { className: 'lane' }, make('h3', { textContent: title }),
        make('ul', {}, ...facts.map(fact => make('li', { textContent: `${fact.of}: ${fact.text}` }))));
    by('compared').replaceChildren(make('h3', { textContent: here.length + there.length ? 'What differs from the pinned state' : 'The same as the pinned state' }),
        lines(here, 'only here'), lines(there, 'only there'), make('button', { type: 'button', textContent: 'go to the pinned state', onclick: () => go({ at: place.pin, pin: place.at }) }));
};

/** The replay is drawn once nobody steps on: a picture takes longer than a step may. */
let later;
const drawSides = () => {
    by('verdict').textContent = 'replaying …';
    clearTimeout(later);
    later = setTimeout(replaySides, 100);
};
const replaySides = () => attempt(async () => {
    const asked = place.at;
    const { differs, steps, picture } = await ask('sides', { at: asked });
    if (asked !== place.at) return;
    by('verdict').className = differs ? 'differs' : 'agrees';
    by('verdict').textContent = differs ? `the system differs at step ${differs}` : `model and system agree in all ${steps} steps`;
    by('picture').innerHTML = picture;
    if (differs) by('verdict').append(' ', askButton('from which step on was it unavoidable?', 'unavoidable'));
});

const copies = {
    link: () => location.href,
    command: () => scopes.child ? `kickproof conform --trace ${place.at} -- ${scopes.child}` : `kickproof replay ${place.at}${scopes.planted ? ` --planted ${scopes.planted}` : ''}`,
    test: () => ask('test', { at: place.at }),
    svg: () => by('picture').innerHTML,
};

const keys = {
    '/': () => by('question').focus(),
    j: () => step(1),
    k: () => step(-1),
    u: () => go({ at: traceOf(nameOf(asked().at), wordsOf(asked().at).slice(0, -1)) }),
    0: () => go({ at: traceOf(nameOf(asked().at), []) }),
    p: () => by('pin').click(),
    c: () => document.querySelector('[data-copy=link]').click(),
    '?': () => by('keys').showModal(),
};
const step = by => {
    const moves = [...document.querySelectorAll('.move')];
    const at = moves.indexOf(document.activeElement);
    moves[at < 0 ? 0 : Math.min(Math.max(at + by, 0), moves.length - 1)]?.focus();
};

document.querySelectorAll('[data-copy]').forEach(button => button.onclick = () => attempt(async () => {
    await navigator.clipboard.writeText(await copies[button.dataset.copy]());
    said(`${button.dataset.copy} copied`);
}));
by('pin').onclick = () => go({ pin: place.pin ? '' : place.at });
by('help').onclick = () => by('keys').showModal();
by('theme').onclick = () => {
    const dark = getComputedStyle(document.documentElement).colorScheme === 'dark'
        || !document.documentElement.dataset.theme && matchMedia('(prefers-color-scheme: dark)').matches;
    document.documentElement.dataset.theme = dark ? 'light' : 'dark';
};
by('scope').onchange = () => go({ at: traceOf(by('scope').value, []), pin: '', show: '' });
by('search').onsubmit = event => {
    event.preventDefault();
    const text = by('question').value.trim();
    if (isTrace(text)) go({ at: text, for: '' });
    else go({ for: text });
};
addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest('input, select, dialog')) return;
    const does = keys[event.key];
    if (does) {
        event.preventDefault();
        does();
    }
});
/** Shows what the address asks for; if that cannot be shown, the address is again that of what is. */
const show = (address = location.hash) => trouble('') ?? attempt(() => draw(address).catch(error => {
    if (address !== location.hash) return;
    if (place.at) history.replaceState(null, '', `#${new URLSearchParams(place)}`);
    throw error;
}));
addEventListener('hashchange', () => show());
attempt(async () => {
    scopes = await ask('scopes');
    by('scope').replaceChildren(...scopes.all.map(scope => make('option', { value: scope.name, textContent: scope.name, title: scope.about })));
    await draw(location.hash);
}).then(() => current || go({ at: '' }));
