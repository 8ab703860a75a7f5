import { durationMs } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError } from '@connectrpc/connect';
import { FaultSchema, type FieldViolation, Reason } from '../gen/tongke/common/v1/fault_pb';

/** ReasonName is the key that translations use, such as "LESSON_NOT_OPEN". */
export type ReasonName = Exclude<keyof typeof Reason, 'UNSPECIFIED'>;

/** Fault is an error as the rest of the client sees it: a reason, and facts that may be shown. */
export interface Fault {
  readonly reason: Reason;
  readonly name: ReasonName;
  readonly metadata: Readonly<Record<string, string>>;
  readonly violations: readonly FieldViolation[];
  /** Milliseconds after which trying again makes sense, where the server said so. */
  readonly retryAfterMs?: number;
}

const reasonOfCode: Partial<Record<Code, Reason>> = {
  [Code.Canceled]: Reason.CANCELLED,
  [Code.InvalidArgument]: Reason.INVALID_ARGUMENT,
  [Code.DeadlineExceeded]: Reason.DEADLINE_EXCEEDED,
  [Code.NotFound]: Reason.NOT_FOUND,
  [Code.AlreadyExists]: Reason.ALREADY_EXISTS,
  [Code.PermissionDenied]: Reason.PERMISSION_DENIED,
  [Code.ResourceExhausted]: Reason.RESOURCE_EXHAUSTED,
  [Code.Aborted]: Reason.CONFLICT,
  [Code.OutOfRange]: Reason.OUT_OF_RANGE,
  [Code.Unavailable]: Reason.UNAVAILABLE,
  [Code.Unauthenticated]: Reason.UNAUTHENTICATED,
};

/** faultOf reads the typed fault of any error; an unknown one is INTERNAL, a broken network UNAVAILABLE. */
export function faultOf(error: unknown): Fault {
  const connectError = ConnectError.from(error);
  const detail = connectError.findDetails(FaultSchema)[0];
  if (detail && detail.reason !== Reason.UNSPECIFIED && Reason[detail.reason] !== undefined) {
    return {
      reason: detail.reason,
      name: nameOf(detail.reason),
      metadata: detail.metadata,
      violations: detail.violations,
      ...(detail.retryAfter && { retryAfterMs: durationMs(detail.retryAfter) }),
    };
  }
  const reason = reasonWithoutDetail(error, connectError);
  return { reason, name: nameOf(reason), metadata: {}, violations: [] };
}

function reasonWithoutDetail(error: unknown, { code, cause }: ConnectError): Reason {
  if (error instanceof DOMException && error.name === 'AbortError') return Reason.CANCELLED;
  // fetch reports every broken connection as a TypeError, which Connect calls "unknown".
  if (code === Code.Unknown && cause instanceof TypeError) return Reason.UNAVAILABLE;
  return reasonOfCode[code] ?? Reason.INTERNAL;
}

/** reasonOf is faultOf for those who only branch. */
export function reasonOf(error: unknown): Reason {
  return faultOf(error).reason;
}

/** nameOf gives the key of a reason for translations. */
export function nameOf(reason: Reason): ReasonName {
  return (Reason[reason] ?? 'INTERNAL') as ReasonName;
}

/** isTransient: the same call, with the same idempotency key, may succeed later. */
export function isTransient(reason: Reason): boolean {
  return reason === Reason.UNAVAILABLE || reason === Reason.DEADLINE_EXCEEDED || reason === Reason.CONFLICT;
}

/** isSignedOut: the credential is gone; nothing but signing in or pairing again helps. */
export function isSignedOut(reason: Reason): boolean {
  return reason === Reason.UNAUTHENTICATED || reason === Reason.SESSION_EXPIRED;
}
