// The face of the package as a page in TypeScript sees it: all of this is right, but for what is marked as an error.
import TIM, { type IMError, type KickReason, type TextMessage, type Tim } from '../../target/web/index.js';

const tim: Tim = TIM.create({ SDKAppID: 1400000000, server: 'wss://im.example', instance: 'left' });

export const whole = async (userSig: string): Promise<void> => {
    const { data } = await tim.login({ userID: 'alice', userSig });
    if (data.repeatLogin === true) console.log(data.errorInfo);
    const message: TextMessage = tim.createTextMessage({ to: 'bob', conversationType: TIM.TYPES.CONV_C2C, payload: { text: 'hi' } });
    const sent: string = (await tim.sendMessage(message)).data.message.ID;
    const ready: boolean = tim.isReady();
    const user: string = tim.getLoginUser();
    console.log(sent, ready, user, (await tim.logout()).data);
    await tim.destroy();
};

tim.login({ userID: 'your userID', userSig: 'your userSig' }).catch((imError: IMError) => console.warn(imError.code, imError.message));
tim.on(TIM.EVENT.KICKED_OUT, event => {
    const reason: KickReason = event.data.type;
    console.log(reason === TIM.TYPES.KICKED_OUT_MULT_ACCOUNT, event.data.code);
});
tim.on(TIM.EVENT.NET_STATE_CHANGE, event => event.data.state === TIM.TYPES.NET_STATE_CONNECTED);
const onMessage = (event: { data: TextMessage[] }): void => console.log(event.data.map(({ payload }) => payload.text));
tim.on(TIM.EVENT.MESSAGE_RECEIVED, onMessage);
tim.off(TIM.EVENT.MESSAGE_RECEIVED, onMessage);

// @ts-expect-error an app is named by a number
TIM.create({ SDKAppID: '1400000000' });
// @ts-expect-error a login needs a UserSig
tim.login({ userID: 'alice' });
// @ts-expect-error no such event
tim.on(TIM.EVENT.KICKED, () => {});
// @ts-expect-error an event of messages has no type
tim.on(TIM.EVENT.MESSAGE_RECEIVED, event => event.data.type);
