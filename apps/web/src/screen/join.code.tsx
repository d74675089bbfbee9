import { QRCodeSVG } from 'qrcode.react';
import { useMessages } from '../i18n/use.messages.js';
import type { JoinAddress } from './screen.address.js';

/** Modules of white around a QR code that cameras need. */
const QUIET_ZONE = 4;

/** The QR code of the player's page: black on white in every theme, because cameras read nothing else for sure. */
export function JoinCode({ address }: { readonly address: JoinAddress }) {
  const { screen } = useMessages();
  return (
    <QRCodeSVG
      className="screen-qr"
      value={address.url}
      level="M"
      marginSize={QUIET_ZONE}
      bgColor="#ffffff"
      fgColor="#000000"
      role="img"
      aria-label={screen.qrCode(address.url)}
    />
  );
}
