// The names that the page's code uses, with the vendor's values.
// @ts-check

export const EVENT = Object.freeze(/** @type {const} */ ({
    SDK_READY: 'sdkStateReady',
    SDK_NOT_READY: 'sdkStateNotReady',
    KICKED_OUT: 'kickedOut',
    NET_STATE_CHANGE: 'netStateChange',
    MESSAGE_RECEIVED: 'onMessageReceived',
    MESSAGES_LOST: 'messagesLost',
}));

export const TYPES = Object.freeze(/** @type {const} */ ({
    KICKED_OUT_MULT_ACCOUNT: 'multipleAccount',
    KICKED_OUT_MULT_DEVICE: 'multipleDevice',
    KICKED_OUT_USERSIG_EXPIRED: 'userSigExpired',
    KICKED_OUT_REST_API: 'REST_API_Kick',
    NET_STATE_CONNECTED: 'connected',
    NET_STATE_CONNECTING: 'connecting',
    NET_STATE_DISCONNECTED: 'disconnected',
    CONV_C2C: 'C2C',
    MSG_TEXT: 'TIMTextElem',
}));
