// What the page knows of the server: its settings, and UserSigs, which it makes for whoever asks from this machine.

const asked = async path => {
    const answer = await fetch(path);
    if (!answer.ok) throw new Error((await answer.text()).trim());
    return answer;
};

/** `SDKAppID`, where the server is, the administrator, and how many Web instances of an account may be online. */
export const settings = await (await asked('settings')).json();

export const userSig = async userID => (await asked(`usersig?${new URLSearchParams({ userID })}`)).text();

/** An administrator's call. */
export const administrate = async (path, question) => {
    const { SDKAppID, server, administrator } = settings;
    const words = { sdkappid: SDKAppID, identifier: administrator, usersig: await userSig(administrator), random: 1, contenttype: 'json' };
    const url = `${server.replace(/^ws/, 'http')}/v4/${path}?${new URLSearchParams(words)}`;
    const answer = await (await fetch(url, { method: 'POST', body: JSON.stringify(question) })).json();
    if (answer.ErrorCode) throw new Error(`${answer.ErrorCode}: ${answer.ErrorInfo}`);
    return answer;
};
