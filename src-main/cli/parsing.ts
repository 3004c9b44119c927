import { InvalidArgumentError } from 'commander'
import type { Command } from 'commander'
import type { CommandContext } from './command.ts'

/** Runs a command with its context; a number is its exit code. */
export type Action = (context: CommandContext) => Promise<number | void>
/** Runs the action of a command that was parsed. */
export type Register = (command: Command, action: Action) => Promise<void>

/** Gathers the values of a repeatable option. */
export const collect = (value: string, list: readonly string[]): string[] => [...list, value]

/** A whole number from 0 on. @throws InvalidArgumentError */
export function integer(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('write a whole number.')
  return Number(text)
}

/** A whole number from 1 on. @throws InvalidArgumentError */
export function positive(text: string): number {
  const value = integer(text)
  if (value === 0) throw new InvalidArgumentError('write a number of 1 or more.')
  return value
}

/** A number in a range. @throws InvalidArgumentError */
export const numberFrom =
  (low: number, high: number) =>
  (text: string): number => {
    const value = text.trim() === '' ? NaN : Number(text)
    if (!(value >= low && value <= high))
      throw new InvalidArgumentError(`write a number from ${low} to ${high}.`)
    return value
  }
