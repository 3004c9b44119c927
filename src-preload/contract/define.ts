import './jitless.ts'
import { z } from 'zod'

/** One request with one answer. */
export interface Call<P extends z.ZodType = z.ZodType, R extends z.ZodType = z.ZodType> {
  readonly kind: 'call'
  readonly params: P
  readonly result: R
}

/** One request with any number of items until an end, an error, or a stop by the client. */
export interface Stream<P extends z.ZodType = z.ZodType, I extends z.ZodType = z.ZodType> {
  readonly kind: 'stream'
  readonly params: P
  readonly item: I
}

export type Entry = Call | Stream
export type Group = Readonly<Record<string, Entry>>
export type Contract = Readonly<Record<string, Group>>

export const call = <P extends z.ZodType, R extends z.ZodType>(params: P, result: R): Call<P, R> => ({
  kind: 'call',
  params,
  result
})

export const stream = <P extends z.ZodType, I extends z.ZodType>(params: P, item: I): Stream<P, I> => ({
  kind: 'stream',
  params,
  item
})

/** What the renderer calls: promises for calls, async iterables for streams. */
export type Client<C extends Contract> = {
  readonly [G in keyof C]: {
    readonly [M in keyof C[G]]: C[G][M] extends Call<infer P, infer R>
      ? (params: z.input<P>) => Promise<z.output<R>>
      : C[G][M] extends Stream<infer P, infer I>
        ? (params: z.input<P>, signal?: AbortSignal) => AsyncIterable<z.output<I>>
        : never
  }
}

/** What main implements: the same list, with a signal that aborts when the client stops or its port closes. */
export type Handlers<C extends Contract> = {
  readonly [G in keyof C]: GroupHandlers<C[G]>
}

export type GroupHandlers<G extends Group> = {
  readonly [M in keyof G]: G[M] extends Call<infer P, infer R>
    ? (params: z.output<P>, context: CallContext) => Promise<z.input<R>> | z.input<R>
    : G[M] extends Stream<infer P, infer I>
      ? (params: z.output<P>, context: CallContext) => AsyncIterable<z.input<I>>
      : never
}

export interface CallContext {
  readonly signal: AbortSignal
}
