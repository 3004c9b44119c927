import { z } from 'zod'
import { wireError } from './errors.ts'

/** Largest frame in bytes of JSON text; larger results must be streams of pages. */
export const maxFrameBytes = 1024 * 1024
export const protocolVersion = 1

/** From the page: open a request, or stop a stream. */
export const requestFrame = z.union([
  z.strictObject({
    v: z.literal(protocolVersion),
    id: z.number().int().nonnegative(),
    method: z.string().max(100),
    params: z.unknown()
  }),
  z.strictObject({ v: z.literal(protocolVersion), id: z.number().int().nonnegative(), stop: z.literal(true) })
])
export type RequestFrame = z.infer<typeof requestFrame>

/** From main: a call's result, a stream's item or end, or an error that ends either. */
export const replyFrame = z.union([
  z.strictObject({ id: z.number().int(), result: z.unknown() }),
  z.strictObject({ id: z.number().int(), item: z.unknown() }),
  z.strictObject({ id: z.number().int(), end: z.literal(true) }),
  z.strictObject({ id: z.number().int(), error: wireError })
])
export type ReplyFrame = z.infer<typeof replyFrame>

/** A two-way channel of frames as JSON text; IPC, WebSocket and an in-memory pair implement it. */
export interface Port {
  send(frame: string): void
  onFrame(listener: (frame: string) => void): void
  onClose(listener: () => void): void
  /** Bytes accepted but not yet delivered; streams wait while it is large. */
  buffered(): number
  /** Stops and goes on reading from the other end, where the channel can; frames on their way may still arrive. */
  pause?(): void
  resume?(): void
  close(): void
}
