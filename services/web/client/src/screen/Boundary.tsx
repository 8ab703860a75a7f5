import { Component, type ReactNode } from 'react';

interface BoundaryProps {
  /** Shown instead of children that broke while they were drawn. */
  fallback: ReactNode;
  children: ReactNode;
}

/** Boundary keeps a mistake in one view from leaving an empty screen. */
export class Boundary extends Component<BoundaryProps, { broke: boolean }> {
  override state = { broke: false };

  static getDerivedStateFromError() {
    return { broke: true };
  }

  override render() {
    return this.state.broke ? this.props.fallback : this.props.children;
  }
}
