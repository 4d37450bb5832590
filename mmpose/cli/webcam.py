"""``mmpose webcam``: poses before a camera, live in a window."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from .errors import ConfigError
from .infer import add_call_arguments, add_model_arguments, build_inferencer, call_options


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of this command."""
    parser.add_argument('--camera', type=int, default=0, metavar='N', help='default: 0')
    add_model_arguments(parser)
    parser.add_argument('--draw', metavar='FOLDER', help='keep the drawings as a video there')
    parser.add_argument('--draw-bbox', action='store_true', help='draw boxes too')
    add_call_arguments(parser)


def run(args: argparse.Namespace) -> None:
    """Show drawings until Esc or q is pressed in the window, or the command is interrupted."""
    from mmpose.visualization.opencv_backend_visualizer import require_display

    try:
        require_display()
    except RuntimeError as error:
        raise ConfigError(
            f'{error} `mmpose infer webcam:{args.camera} --draw FOLDER` writes a video instead.'
        ) from error
    inferencer = build_inferencer(args)
    try:
        drawings = inferencer(
            f'webcam:{args.camera}',
            return_vis=True,
            draw_bbox=args.draw_bbox,
            vis_out_dir=args.draw or '',
            **call_options(args),
        )
    except RuntimeError as error:
        raise ConfigError(str(error)) from error
    _show(drawings)


def _show(drawings: Iterator[dict]) -> None:
    import cv2

    title = 'mmpose: Esc or q ends'
    try:
        for result in drawings:
            cv2.imshow(title, result['visualization'][0][..., ::-1])
            if cv2.waitKey(1) in (27, ord('q')):
                break
    except KeyboardInterrupt:
        pass
    finally:
        drawings.close()
        cv2.destroyAllWindows()
