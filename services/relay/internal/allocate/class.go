package allocate

import "github.com/tongke-edu/tongke/services/relay/internal/assign"

// Class orders what a viewer receives.
type Class uint8

// The classes, most important first.
const (
	LeadVoice Class = iota
	Voice           // of the stage and of rooms, and the sound of screens
	Stage           // pictures of those on stage
	Content         // screens and document cameras
	Lead            // the lead's picture
	Camera          // of a room, shown large
	Thumbnail       // of a room, shown small
)

// thumbnailHeight is how high a room's picture is shown at most to count as small, in pixels.
const thumbnailHeight = 180

// ClassOf is the class of a source that is shown at a height.
func ClassOf(kind assign.Kind, standing assign.Standing, height int) Class {
	switch {
	case kind == assign.Microphone && standing == assign.Lead:
		return LeadVoice
	case kind.Audio():
		return Voice
	case kind == assign.Screen, kind == assign.DocumentCamera:
		return Content
	case standing == assign.Lead:
		return Lead
	case standing == assign.Stage:
		return Stage
	case height > thumbnailHeight:
		return Camera
	}
	return Thumbnail
}

func (c Class) sound() bool { return c <= Voice }
