/** The client of kickproof in a page, with the face of the vendor's Web SDK. Ready for use once the module is imported. */

/** What a call resolves with. */
export interface IMResponse<T> {
    code: 0;
    data: T;
}

/** What a call is refused with; the codes stand in kickproof's `sut/README.md`. */
export interface IMError extends Error {
    code: number;
}

export interface CreateOptions {
    SDKAppID: number;
    /** Where the server is: `wss://host:port`, or with a path if it is not `/v1/ws`; the page's own origin unless told. */
    server?: string;
    /** What this instance is called among those of its tab: each name is an instance of its own, over reloads too. */
    instance?: string;
}

export interface LoginOptions {
    userID: string;
    userSig: string;
}

export interface LoginResult {
    actionStatus: 'OK';
    errorCode: 0;
    /** Says so if this was a repeat; empty otherwise. */
    errorInfo: string;
    /** Whether the instance was logged in as that account already, so that nothing was done. */
    repeatLogin: boolean;
}

export interface TextMessage {
    ID: string;
    from: string;
    to: string;
    flow: 'in' | 'out';
    type: 'TIMTextElem';
    conversationType: 'C2C';
    payload: { text: string };
}

export type KickReason = 'multipleAccount' | 'multipleDevice' | 'userSigExpired' | 'REST_API_Kick';
export type NetState = 'connected' | 'connecting' | 'disconnected';

/** The data of each event, by the event's name. */
export interface EventData {
    sdkStateReady: [];
    sdkStateNotReady: [];
    /** `code` and `message` where a readmission was refused for what is no kick reason's. */
    kickedOut: { type: KickReason; code?: number; message?: string };
    netStateChange: { state: NetState };
    onMessageReceived: TextMessage[];
    messagesLost: [];
}

export interface Event<N extends keyof EventData> {
    name: N;
    data: EventData[N];
}

/** One instance. A call that is refused rejects with an {@link IMError}. */
export interface Tim {
    /** Resolves once the server has let the instance in; `SDK_READY` follows. */
    login(options: LoginOptions): Promise<IMResponse<LoginResult>>;
    logout(): Promise<IMResponse<{}>>;
    /** Logs out, closes the link and releases everything; every other call is refused with 6013 from then on. */
    destroy(): Promise<IMResponse<{}>>;
    /** A message to an account. Sent a second time, it is still one message. */
    createTextMessage(options: { to: string; conversationType?: 'C2C'; payload: { text: string } }): TextMessage;
    sendMessage(message: TextMessage): Promise<IMResponse<{ message: TextMessage }>>;
    /** From `SDK_READY` to `SDK_NOT_READY`. */
    isReady(): boolean;
    /** The account that is logged in; empty if nobody is. */
    getLoginUser(): string;
    on<N extends keyof EventData>(name: N, listener: (event: Event<N>) => void): void;
    off<N extends keyof EventData>(name: N, listener: (event: Event<N>) => void): void;
}

declare const TIM: {
    /**
     * The instance of that app, server and name: the same until it is destroyed.
     * @throws {IMError} 70402 if an option is bad
     */
    create(options: CreateOptions): Tim;
    readonly EVENT: {
        readonly SDK_READY: 'sdkStateReady';
        readonly SDK_NOT_READY: 'sdkStateNotReady';
        readonly KICKED_OUT: 'kickedOut';
        readonly NET_STATE_CHANGE: 'netStateChange';
        readonly MESSAGE_RECEIVED: 'onMessageReceived';
        readonly MESSAGES_LOST: 'messagesLost';
    };
    readonly TYPES: {
        readonly KICKED_OUT_MULT_ACCOUNT: 'multipleAccount';
        readonly KICKED_OUT_MULT_DEVICE: 'multipleDevice';
        readonly KICKED_OUT_USERSIG_EXPIRED: 'userSigExpired';
        readonly KICKED_OUT_REST_API: 'REST_API_Kick';
        readonly NET_STATE_CONNECTED: 'connected';
        readonly NET_STATE_CONNECTING: 'connecting';
        readonly NET_STATE_DISCONNECTED: 'disconnected';
        readonly CONV_C2C: 'C2C';
        readonly MSG_TEXT: 'TIMTextElem';
    };
};
export default TIM;
