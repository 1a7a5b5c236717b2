"""The routes for people who sign in to the console."""

from service.api.peopling import change, make, people
from service.api.route import JSON, Route
from service.api.schemas import ref
from service.api.terms import ADMINS, CURSOR, LIMIT
from service.operations.people import CHANGE_USER, CREATE_USER

PEOPLE_ROUTES: tuple[Route, ...] = (
    Route(
        method="POST",
        path="/v1/users",
        operation="create_user",
        summary="Make a user, who can then sign in to the console.",
        section="People",
        handler=make,
        roles=ADMINS,
        body=CREATE_USER,
        status=201,
        reply={JSON: ref("User")},
        problems=(409,),
    ),
    Route(
        method="GET",
        path="/v1/users",
        operation="list_users",
        summary="Users, without their passwords.",
        section="People",
        handler=people,
        roles=ADMINS,
        query={"cursor": CURSOR, "limit": LIMIT},
        reply={JSON: ref("UserPage")},
    ),
    Route(
        method="PATCH",
        path="/v1/users/{user_name}",
        operation="change_user",
        summary="Set a password, change roles, disable or enable; the user's sessions end.",
        section="People",
        handler=change,
        roles=ADMINS,
        body=CHANGE_USER,
        reply={JSON: ref("User")},
        problems=(404,),
    ),
)
