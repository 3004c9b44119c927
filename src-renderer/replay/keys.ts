import { isTyping } from '../ui/shortcuts.ts'
import type { ReplayClock } from './clock.ts'

/** What keys do besides moving the clock. */
export interface ReplayCommands {
  /** The next (1) or previous (-1) episode, where there is a choice. */
  readonly episode: (by: number) => void
  /** Between side by side and ghosts. */
  readonly layout: () => void
  /** From all robots to one after the other. */
  readonly camera: () => void
  /** The next place where two tracks part. */
  readonly parting: () => void
}

/**
 * Keys of a replay: Space plays, arrows step (Shift: ten), Home and End jump, comma and period change the speed, L loops,
 * arrows up and down choose the episode, X the clock, V the layout, F whom the camera follows, N goes to the next parting.
 * @returns true when the key was one of them
 */
export function replayKey(
  clock: ReplayClock,
  commands: ReplayCommands,
  event: KeyboardEvent,
  length: number
): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false
  const stride = event.shiftKey ? 10 : 1
  const actions: Record<string, () => void> = {
    ' ': () => clock.toggle(),
    ArrowLeft: () => clock.stride(-stride),
    ArrowRight: () => clock.stride(stride),
    ArrowUp: () => commands.episode(-1),
    ArrowDown: () => commands.episode(1),
    Home: () => clock.seek(0),
    End: () => clock.seek(length),
    ',': () => clock.faster(-1),
    '.': () => clock.faster(1),
    l: () => clock.toggleLoop(),
    x: () => clock.nextMode(),
    v: () => commands.layout(),
    f: () => commands.camera(),
    n: () => commands.parting()
  }
  const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key]
  if (!action) return false
  action()
  return true
}

/** True where a control that has the focus wants the key for itself. */
export function belongsToControl(event: KeyboardEvent): boolean {
  if (event.defaultPrevented) return true
  const { target } = event
  if (!(target instanceof HTMLElement)) return false
  // The scrubber is a field too, but its keys are the replay's.
  if (target instanceof HTMLInputElement && target.type === 'range') return false
  if (isTyping(target)) return true
  const role = target.getAttribute('role') ?? ''
  if (['combobox', 'menuitem', 'option', 'tab', 'radio', 'slider'].includes(role))
    return event.key.length > 1 || event.key === ' '
  return event.key === ' ' && (target instanceof HTMLButtonElement || target instanceof HTMLAnchorElement)
}
