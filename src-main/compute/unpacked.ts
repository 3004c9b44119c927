import { checkTensors } from './check.ts'
import type { Session } from './engine.ts'
import { pack, type PackedState, unpack } from './passes/packState.ts'
import type { Program } from './program.ts'

/**
 * A session of the packed program as one of the program itself.
 * @param session of the program with the packed state
 */
export function unpacked(program: Program, packed: PackedState, session: Session): Session {
  return {
    load: async state => {
      checkTensors('the state', program.state, state)
      await session.load(pack(packed, state))
    },
    setColumns: columns => session.setColumns(columns),
    run: request => session.run(request),
    read: async () => unpack(packed, Object.keys(program.state), await session.read()),
    close: () => session.close()
  }
}
