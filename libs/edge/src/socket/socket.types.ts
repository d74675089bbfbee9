import type { Namespace as AnyNamespace, Socket as AnySocket } from 'socket.io';

// Events are parsed and acks are made by tables of the protocol, so Socket.IO's own event maps would only repeat them.
export type Namespace = AnyNamespace;
export type Socket = AnySocket;
