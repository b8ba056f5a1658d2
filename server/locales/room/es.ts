import type { RoomTexts } from './en.ts'

export const roomInSpanish: RoomTexts = {
  title: 'Sala',
  noScript:
    'En esta página se habla, y eso un navegador solo lo hace con scripts. Permítalos aquí y vuelva a cargar la página.',
}
