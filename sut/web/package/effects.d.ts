/**
 * What the machine asks of the page, and what it calls things: `sut/web/src/told.rs`, `Answer`, `Event` and `Refusal` of `sut/core` as JSON.
 */
export type Effect =
    | { do: 'open'; epoch: number }
    | { do: 'send'; epoch: number; text: string }
    | { do: 'close'; epoch: number; code: number }
    | { do: 'resolve'; call: number; answer: Answer }
    | { do: 'reject'; call: number; refusal: Refusal }
    | { do: 'publish'; event: MachineEvent }
    | { do: 'arm'; timer: string; afterMs: number }
    | { do: 'arm-within'; timer: string; boundMs: number }
    | { do: 'disarm'; timer: string }
    | { do: 'end' };

export type Answer = 'logged-in' | { repeat: { error_info: string } } | 'done' | 'sent';

export interface Refusal {
    code: number;
    text: string;
}

export type MachineEvent =
    | 'sdk-ready'
    | 'sdk-not-ready'
    | { 'kicked-out': { reason: string; refusal: Refusal | null } }
    | { 'net-state-change': 'connected' | 'connecting' | 'disconnected' }
    | { 'message-received': { from: string; to: string; id: string; text: string } }
    | 'messages-lost';
