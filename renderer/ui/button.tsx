import type { LucideIcon } from 'lucide-react'
import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react'
import { classNames } from '#renderer/lib/class-names.ts'
import { Icon } from './icon.tsx'
import { Tooltip } from './tooltip.tsx'
import styles from './button.module.css'

export interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'disabled' | 'title'> {
  /** plain: on a bar, without an outline · outline: in a sheet · primary: the one verb · danger: the one verb that destroys · link */
  look?: 'plain' | 'outline' | 'primary' | 'danger' | 'link'
  size?: 'normal' | 'small'
  icon?: LucideIcon | undefined
  /** Shown on hover and focus. With an icon alone it is the name too. */
  hint?: string | undefined
  /** Why it cannot be pressed. It stays focusable, so that the reason can be read by everybody. */
  unavailable?: string | undefined
  ref?: Ref<HTMLButtonElement> | undefined
  children?: ReactNode
}

export function Button({
  look = 'outline',
  size = 'normal',
  icon,
  hint,
  unavailable,
  className,
  children,
  onClick,
  ...rest
}: ButtonProps) {
  const tip = unavailable ?? hint
  const iconOnly = children === undefined
  const button = (
    <button
      type="button"
      {...(iconOnly && hint !== undefined && { 'aria-label': hint })}
      {...rest}
      {...(unavailable !== undefined && { 'aria-disabled': true })}
      className={classNames(
        styles.button,
        styles[look],
        size === 'small' && styles.small,
        iconOnly && styles.iconOnly,
        className,
      )}
      onClick={unavailable === undefined ? onClick : undefined}
    >
      {icon && <Icon of={icon} size={size === 'small' && look !== 'plain' ? 'small' : 'normal'} />}
      {children}
    </button>
  )
  return tip === undefined ? button : <Tooltip text={tip}>{button}</Tooltip>
}
