import type { RoomTexts } from './en.ts'

export const roomInFrench: RoomTexts = {
  title: 'Salle',
  noScript:
    'Cette page sert à se parler, ce qu’un navigateur ne fait qu’avec des scripts. Autorisez-les ici, puis rechargez la page.',
}
